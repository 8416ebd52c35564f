/**
 * The scenarios that the emulator can answer with, by vendor. The first of each vendor is its default.
 */
import * as PowerdrillScenarios from "./internal/PowerdrillScenarios.ts"
import * as TwelveLabsScenarios from "./internal/TwelveLabsScenarios.ts"

/**
 * One row of a table of scenarios.
 */
export interface ScenarioEntry<Name extends string = string> {
  readonly name: Name
  readonly description: string
}

/**
 * The name of a scenario of Powerdrill.
 */
export type PowerdrillScenario = PowerdrillScenarios.PowerdrillScenarioName

/**
 * The name of a scenario of TwelveLabs.
 */
export type TwelveLabsScenario = TwelveLabsScenarios.TwelveLabsScenarioName

/**
 * Powerdrill's scenarios.
 */
export const powerdrill: ReadonlyArray<ScenarioEntry<PowerdrillScenario>> = PowerdrillScenarios.names.map((name) => ({
  name,
  description: PowerdrillScenarios.scenarios[name].description
}))

/**
 * TwelveLabs' scenarios.
 */
export const twelvelabs: ReadonlyArray<ScenarioEntry<TwelveLabsScenario>> = TwelveLabsScenarios.names.map((name) => ({
  name,
  description: TwelveLabsScenarios.scenarios[name].description
}))
