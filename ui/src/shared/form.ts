// A form whose faults, as the API tells them, stand at the fields that they belong to.
import { type UseFormInput, type UseFormReturnType, useForm } from '@mantine/form';
import { useState } from 'react';
import { type Fault, type ProblemError, asProblem } from '@/api/problem';

/** Which faults belong to which field, and which to none: those are shown above the button. */
export function splitFaults(
  faults: readonly Fault[],
  names: readonly string[],
  fieldOf: (fault: Fault) => string | null = (fault) => fault.path,
): { fields: Record<string, string>; rest: Fault[] } {
  const fields: Record<string, string> = {};
  const rest: Fault[] = [];
  for (const fault of faults) {
    const path = fieldOf(fault) ?? '';
    // A fault deep in a field, `matchers[0].value`, is at least told at that field.
    const field = names.find((name) => path === name) ?? names.find((name) => /^[.[]/.test(path.slice(name.length)) && path.startsWith(name));
    if (field === undefined) rest.push(fault);
    else fields[field] = fields[field] === undefined ? fault.message : `${fields[field]}; ${fault.message}`;
  }
  return { fields, rest };
}

interface ProblemFormInput<Values extends Record<string, unknown>> extends UseFormInput<Values> {
  /** Sends it; what it throws is shown. */
  send: (values: Values) => Promise<unknown>;
  /** The field of a fault; default: the one that its path names. */
  fieldOf?: (fault: Fault) => string | null;
}

interface ProblemForm<Values extends Record<string, unknown>> {
  form: UseFormReturnType<Values>;
  onSubmit: (event?: React.FormEvent<HTMLFormElement>) => void;
  isSending: boolean;
  /** What belongs to no field: `{problem !== null && <Failed error={problem} />}`. */
  problem: ProblemError | null;
}

export function useProblemForm<Values extends Record<string, unknown>>(
  input: ProblemFormInput<Values>,
): ProblemForm<Values> {
  const { send, fieldOf, ...options } = input;
  const form = useForm<Values>(options as UseFormInput<Values>) as UseFormReturnType<Values>;
  const [isSending, setSending] = useState(false);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const submit = async (values: Values) => {
    setSending(true);
    setProblem(null);
    try {
      await send(values);
    } catch (error) {
      const found = asProblem(error);
      const { fields, rest } = splitFaults(found.errors, Object.keys(values), fieldOf);
      form.setErrors(fields);
      if (rest.length > 0 || found.errors.length === 0) setProblem(found);
    } finally {
      setSending(false);
    }
  };
  return { form, onSubmit: form.onSubmit((values) => void submit(values)), isSending, problem };
}
