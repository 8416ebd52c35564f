/**
 * Powerdrill and TwelveLabs on loopback, with faults on request.
 */
export { Emulator } from "./Emulator.ts"
export type {
  EmulatorOptions,
  EmulatorService,
  PowerdrillOptions,
  PowerdrillSide,
  TwelveLabsOptions,
  TwelveLabsSide
} from "./Emulator.ts"
export * as Fault from "./Fault.ts"
export * as Play from "./Play.ts"
export type { Ended, ReceivedRequest } from "./ReceivedRequest.ts"
export * as Scenario from "./Scenario.ts"
