/**
 * The scenarios that the emulator can answer with, by vendor. The first of each vendor is its default.
 *
 * @since 0.1.0
 */
import * as PowerdrillScenarios from "./internal/PowerdrillScenarios.ts"
import * as TwelveLabsScenarios from "./internal/TwelveLabsScenarios.ts"

/**
 * One row of a table of scenarios.
 *
 * @since 0.1.0
 */
export interface ScenarioEntry<Name extends string = string> {
  readonly name: Name
  readonly description: string
}

/**
 * The name of a scenario of Powerdrill.
 *
 * @since 0.1.0
 */
export type PowerdrillScenario = PowerdrillScenarios.PowerdrillScenarioName

/**
 * The name of a scenario of TwelveLabs.
 *
 * @since 0.1.0
 */
export type TwelveLabsScenario = TwelveLabsScenarios.TwelveLabsScenarioName

/**
 * Powerdrill's scenarios.
 *
 * @since 0.1.0
 */
export const powerdrill: ReadonlyArray<ScenarioEntry<PowerdrillScenario>> = PowerdrillScenarios.names.map((name) => ({
  name,
  description: PowerdrillScenarios.scenarios[name].description
}))

/**
 * TwelveLabs' scenarios.
 *
 * @since 0.1.0
 */
export const twelvelabs: ReadonlyArray<ScenarioEntry<TwelveLabsScenario>> = TwelveLabsScenarios.names.map((name) => ({
  name,
  description: TwelveLabsScenarios.scenarios[name].description
}))
