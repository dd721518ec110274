import { createContext } from "react";
import type { OddsFormat } from "./format";

/** How the prices below are written. */
export const OddsFormatContext = createContext<OddsFormat>("decimal");
