/**
 * Powerdrill and TwelveLabs on loopback, with faults on request.
 *
 * @since 0.1.0
 */
export { Emulator } from "./Emulator.ts"
export type { EmulatorOptions, EmulatorService, PowerdrillOptions, PowerdrillSide, TwelveLabsSide } from "./Emulator.ts"
export * as Fault from "./Fault.ts"
export * as Play from "./Play.ts"
export type { Ended, ReceivedRequest } from "./ReceivedRequest.ts"
export * as Scenario from "./Scenario.ts"
