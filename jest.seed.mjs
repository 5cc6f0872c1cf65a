// Properties are tried with the same values in every run: whoever changes something else is not met by a rare value.
// Another PARLEY_PROPERTY_SEED tries others.
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.PARLEY_PROPERTY_SEED ?? 20_261_120) });
