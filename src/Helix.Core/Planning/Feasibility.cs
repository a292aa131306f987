using System.Collections.Immutable;
using Helix.Core.Hardware;
using Helix.Core.Manifests;

namespace Helix.Core.Planning;

/// <summary>Whether a provider can run on a machine at all, by its manifest.</summary>
internal abstract record Feasibility
{
    private Feasibility() { }

    /// <param name="On">What it would compute on: the processor, or the name of a GPU.</param>
    /// <param name="Kind">The same as a kind.</param>
    /// <param name="Unknown">What it needs and nobody could measure; often empty.</param>
    internal sealed record Possible(string On, Accelerator Kind, ImmutableArray<string> Unknown) : Feasibility;

    /// <param name="Reasons">In a user's words, the most telling first; never empty. Those of a further way to run it begin with "or".</param>
    /// <param name="Otherwise">What to do instead; null where nobody knows.</param>
    internal sealed record NotPossible(ImmutableArray<string> Reasons, string? Otherwise) : Feasibility
    {
        public string Words => string.Join("; ", Otherwise is null ? Reasons : Reasons.Add(Otherwise));
    }

    public static Feasibility Of(Manifest manifest, MachineFacts machine)
    {
        var here = manifest.Platforms.Where(row => row.Os == machine.Os && row.Architectures.Contains(machine.Architecture)).ToArray();
        if (here.Length == 0) return new NotPossible([$"runs on {Platforms(manifest)}; this is {machine.Platform}"], manifest.Elsewhere);

        var fits = here.Select(row => PlatformFit.Of(row, machine)).ToArray();
        if (fits.FirstOrDefault(fit => fit.Missing.IsEmpty) is { } good) return new Possible(good.On, good.Row.Accelerator, good.Unknown);

        // the way that lacks least is the one to tell of first; OrderBy keeps the manifest's order where two lack as much
        var nearest = fits.OrderBy(fit => fit.Missing.Length).ToArray();
        var said = nearest[0].Missing;
        return new NotPossible([.. said, .. nearest.Skip(1).SelectMany(fit => Alternative(fit, said))], nearest[0].Row.Otherwise);
    }

    /// <summary>
    /// What a further way needs: "or an AMD GPU; none was found", "or, without a GPU, 16 GB of memory; …". What was said already
    /// is not said again. Where the GPU itself is not there, nothing else matters; and if it would not help, it is not named.
    /// </summary>
    private static IEnumerable<string> Alternative(PlatformFit fit, ImmutableArray<string> said) => fit.HasDevice
        ? fit.Missing.Except(said).Select((what, at) =>
            at > 0 ? $"and {Need(what)}" : $"or, {(fit.Row.Accelerator == Accelerator.None ? "without a GPU" : $"with {PlatformFit.NameOf(fit.Row.Accelerator)}")}, {Need(what)}")
        : fit.Missing.Any(said.Contains) ? []
        : fit.Missing.Take(1).Select(what => $"or {Need(what)}");

    private static string Need(string missing) => missing["needs ".Length..];

    /// <summary>For example "Linux (x64, arm64) and macOS (arm64)".</summary>
    private static string Platforms(Manifest manifest)
    {
        var systems = manifest.Platforms.GroupBy(row => row.Os)
            .Select(os => $"{MachineFacts.NameOf(os.Key)} ({string.Join(", ", os.SelectMany(row => row.Architectures).Distinct())})").ToArray();
        return systems.Length == 1 ? systems[0] : $"{string.Join(", ", systems[..^1])} and {systems[^1]}";
    }
}
