import type { JSX } from 'preact'
import { useId } from 'preact/hooks'

interface ChoiceProps<T extends string> {
  readonly label: string
  readonly options: readonly (readonly [value: T, word: string])[]
  readonly value: T
  readonly onChange: (value: T) => void
}

/** One of a few: radio buttons that look like tabs. */
export function Choice<T extends string>({ label, options, value, onChange }: ChoiceProps<T>): JSX.Element {
  const name = useId()
  return (
    <fieldset class="tabs">
      <legend class="sr">{label}</legend>
      {options.map(([option, word]) => (
        <label key={option}>
          <input class="sr" type="radio" name={name} value={option} checked={option === value} onChange={() => onChange(option)} />
          <span>{word}</span>
        </label>
      ))}
    </fieldset>
  )
}

/** One of many. */
export function Pick<T extends string>({ label, options, value, onChange, hidden }: ChoiceProps<T> & { readonly hidden?: boolean }): JSX.Element {
  const id = useId()
  return (
    <div class="field">
      <label for={id} class={hidden ? 'sr' : ''}>{label}</label>
      <select id={id} class="select" value={value} onChange={event => onChange(event.currentTarget.value as T)}>
        {options.map(([option, word]) => <option key={option} value={option}>{word}</option>)}
      </select>
    </div>
  )
}
