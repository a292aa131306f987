import type { ComponentChildren, JSX } from 'preact'

interface IconProps {
  readonly size?: number
  readonly class?: string
}

/** Icons say nothing to a screen reader: the words beside them do. */
function Icon({ size = 16, class: name, children }: IconProps & { readonly children: ComponentChildren }): JSX.Element {
  return (
    <svg class={name} width={size} height={size} viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">
      {children}
    </svg>
  )
}

// States. Each has an outline of its own, so that none depends on its colour.
export const Disc = (props: IconProps) => <Icon {...props}><circle cx="8" cy="8" r="5" fill="currentColor" /></Icon>
export const Ring = (props: IconProps) => <Icon {...props}><circle cx="8" cy="8" r="5" /></Icon>
export const DottedRing = (props: IconProps) => <Icon {...props}><circle cx="8" cy="8" r="5" stroke-dasharray="1.6 2.9" /></Icon>
export const HalfDisc = (props: IconProps) => <Icon {...props}><circle cx="8" cy="8" r="5" /><path d="M8 3a5 5 0 0 1 0 10z" fill="currentColor" stroke="none" /></Icon>
export const Triangle = (props: IconProps) => <Icon {...props}><path d="M8 2.5 14.200 13H1.800z" fill="currentColor" fill-opacity=".18" /><path d="M8 6.500v3" /><path d="M8 11.400v.1" /></Icon>
export const Octagon = (props: IconProps) => <Icon {...props}><path d="M5.500 2h5L14 5.500v5L10.500 14h-5L2 10.500v-5z" fill="currentColor" fill-opacity=".2" /><path d="m6 6 4 4M10 6l-4 4" /></Icon>
export const Again = (props: IconProps) => <Icon {...props}><path d="M13 8a5 5 0 1 1-1.600-3.700L13 6" /><path d="M13 2.800V6H9.800" /></Icon>
export const ArrowDown = (props: IconProps) => <Icon {...props}><path d="M8 2.500v7.500M4.800 7 8 10.200 11.200 7M3 13.500h10" /></Icon>
export const Plug = (props: IconProps) => <Icon {...props}><path d="M6.500 9.500 9.500 6.500M7.200 4.800 9 3a2.800 2.800 0 0 1 4 4l-1.800 1.800M8.800 11.200 7 13a2.800 2.800 0 0 1-4-4l1.800-1.800" /></Icon>
export const Dash = (props: IconProps) => <Icon {...props}><circle cx="8" cy="8" r="5" /><path d="m4.500 11.500 7-7" /></Icon>
export const Diamond = (props: IconProps) => <Icon {...props}><path d="M8 2.500 13.500 8 8 13.500 2.500 8z" /></Icon>
export const Tick = (props: IconProps) => <Icon {...props}><path d="m3 8.500 3.200 3.200L13 4.800" /></Icon>
export const Cross = (props: IconProps) => <Icon {...props}><path d="m4 4 8 8M12 4l-8 8" /></Icon>
export const Info = (props: IconProps) => <Icon {...props}><circle cx="8" cy="8" r="6" /><path d="M8 7.300v3.500M8 5v.1" /></Icon>

// What can be done
export const Play = (props: IconProps) => <Icon {...props}><path d="M5 3.200v9.600L12.500 8z" fill="currentColor" /></Icon>
export const Square = (props: IconProps) => <Icon {...props}><rect x="4" y="4" width="8" height="8" rx="1" fill="currentColor" /></Icon>
export const More = (props: IconProps) => <Icon {...props}><path d="M3.500 8h.1M8 8h.1M12.500 8h.1" stroke-width="2.400" /></Icon>
export const Back = (props: IconProps) => <Icon {...props}><path d="M9.500 3.500 5 8l4.500 4.500" /></Icon>
export const MenuLines = (props: IconProps) => <Icon {...props}><path d="M2.500 4.500h11M2.500 8h11M2.500 11.500h11" /></Icon>
export const Sun = (props: IconProps) => <Icon {...props}><circle cx="8" cy="8" r="2.800" /><path d="M8 1.500v1.300M8 13.200v1.300M1.500 8h1.300M13.200 8h1.300M3.400 3.400l.9.9M11.700 11.700l.9.9M3.400 12.600l.9-.9M11.700 4.300l.9-.9" /></Icon>
export const Moon = (props: IconProps) => <Icon {...props}><path d="M13 9.500A5.500 5.500 0 0 1 6.500 3a5.500 5.500 0 1 0 6.500 6.500z" /></Icon>
export const Spinner = (props: IconProps) => <Icon {...props} class={`spin ${props.class ?? ''}`}><path d="M8 2.500A5.500 5.500 0 1 1 2.500 8" /></Icon>

// Pages
export const Grid = (props: IconProps) => <Icon {...props}><rect x="2.500" y="2.500" width="4.500" height="4.500" rx="1" /><rect x="9" y="2.500" width="4.500" height="4.500" rx="1" /><rect x="2.500" y="9" width="4.500" height="4.500" rx="1" /><rect x="9" y="9" width="4.500" height="4.500" rx="1" /></Icon>
export const Cube = (props: IconProps) => <Icon {...props}><path d="M8 1.800 13.500 5v6L8 14.200 2.500 11V5zM2.500 5 8 8.200 13.500 5M8 8.200v6" /></Icon>
export const Fork = (props: IconProps) => <Icon {...props}><path d="M2.500 8H6l4-4.500h3.500M6 8l4 4.500h3.500" /></Icon>
export const Speech = (props: IconProps) => <Icon {...props}><path d="M2.500 3.500h11v7.500H8l-3 2.500V11H2.500z" /></Icon>
export const Lines = (props: IconProps) => <Icon {...props}><path d="M2.500 3.500h11M2.500 6.500h7M2.500 9.500h9M2.500 12.500h5" /></Icon>
export const Sliders = (props: IconProps) => <Icon {...props}><path d="M2.500 4.500h6M12 4.500h1.500M2.500 11.500h1.500M7.500 11.500h6" /><circle cx="10.200" cy="4.500" r="1.700" /><circle cx="5.700" cy="11.500" r="1.700" /></Icon>
export const Bell = (props: IconProps) => <Icon {...props}><path d="M4 11V7.300a4 4 0 0 1 8 0V11l1.200 1.500H2.800zM6.800 14.300h2.400" /></Icon>
export const Clock = (props: IconProps) => <Icon {...props}><circle cx="8" cy="8" r="5.700" /><path d="M8 4.800V8l2.200 1.500" /></Icon>

/** Two strands: the product's sign. */
export function Mark(): JSX.Element {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="7" fill="#0f5c5c" />
      <g fill="none" stroke-linecap="round" stroke-width="2.6">
        <path d="M10 5c0 7 12 8 12 15 0 3-2 5-4 7" stroke="#fff" />
        <path d="M22 5c0 3-2 5-4.300 7M13.500 15.500C11.500 17 10 19 10 21.500 10 24 11 26 12.500 27" stroke="#8fe0d2" />
        <path d="M12.500 8.500h7M12.500 23.500h7" stroke="#8fe0d2" stroke-width="1.800" />
      </g>
    </svg>
  )
}
