import { readdirSync } from "node:fs";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

/** Imports go down only: app → features → components/ui, lib → types; no feature knows another. */
const forbid = (files, groups, message) => ({
  files,
  rules: { "no-restricted-imports": ["error", { patterns: [{ group: groups, message }] }] },
});

const features = readdirSync(new URL("./src/features", import.meta.url));

const layers = [
  ...features.map((feature) =>
    forbid(
      [`src/features/${feature}/**`],
      ["@/app/**", "@/features/**", "../../**"],
      "A feature imports lib, components/ui, types and itself (relatively); app brings features together.",
    ),
  ),
  forbid(
    ["src/components/ui/**"],
    [
      "@/app/**",
      "@/features/**",
      "@/lib/store/**",
      "@/lib/live/**",
      "@/lib/wire/**",
      "@/types/**",
      "../../**",
    ],
    "components/ui knows nothing of odds.",
  ),
  forbid(
    ["src/lib/**"],
    ["@/app/**", "@/features/**", "@/components/**", "../../**"],
    "lib imports lib and types only.",
  ),
  forbid(["src/types/**"], ["@/**", "../**"], "types import nothing."),
];

const noBarrels = {
  files: ["src/**/*.{ts,tsx}"],
  rules: {
    "no-restricted-syntax": [
      "error",
      { selector: "ExportAllDeclaration", message: "No barrel files: import from where it is defined." },
      {
        selector: "ExportNamedDeclaration[source]",
        message: "No barrel files: import from where it is defined.",
      },
      {
        selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']",
        message: "The page's policy allows no markup from text.",
      },
    ],
  },
};

/** Words that people read stand in src/text, in one language a folder. */
const noBakedText = {
  files: ["src/features/**/*.tsx", "src/components/**/*.tsx", "src/app/**/*.tsx"],
  ignores: ["**/*.test.tsx"],
  rules: {
    "no-restricted-syntax": [
      "error",
      ...noBarrels.rules["no-restricted-syntax"].slice(1),
      { selector: "JSXText[value=/[A-Za-z]{2,}/]", message: "Words belong in src/text." },
      {
        selector:
          "JSXAttribute[name.name=/^(title|placeholder|alt|aria-label)$/] > Literal[value=/[A-Za-z]{2,}/]",
        message: "Words belong in src/text.",
      },
    ],
  },
};

export default tseslint.config(
  { ignores: ["node_modules", "../src/overround/static", "src/types/api.ts"] },
  {
    files: ["src/**/*.{ts,tsx}"],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off", // indexes into parallel columns, checked by the decoder
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-unused-vars": ["error", { varsIgnorePattern: "^_", argsIgnorePattern: "^_" }],
      "@typescript-eslint/consistent-type-definitions": "off",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "max-lines-per-function": ["error", { max: 100, skipBlankLines: true, skipComments: true }],
    },
  },
  { files: ["src/**/*.tsx", "src/**/use*.ts"], ...hooks.configs.flat.recommended },
  // TanStack Virtual's own state is not memoized by anybody here: no React Compiler.
  { rules: { "react-hooks/incompatible-library": "off" }, files: ["src/**/*.tsx"] },
  { files: ["src/**/*.test.{ts,tsx}"], rules: { "max-lines-per-function": "off" } },
  noBarrels,
  noBakedText,
  ...layers,
);
