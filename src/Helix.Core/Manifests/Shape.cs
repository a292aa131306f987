using System.Collections.Immutable;
using Helix.Core.Configuration;

namespace Helix.Core.Manifests;

/// <summary>What may stand behind a key of a manifest.</summary>
internal abstract record Shape
{
    private Shape() { }

    /// <summary>One value.</summary>
    internal sealed record Value(SettingKind Kind) : Shape;

    /// <summary>A list of words, each of these at most once.</summary>
    internal sealed record Words(ImmutableArray<string> Allowed) : Shape
    {
        public SettingKind Kind { get; } = new SettingKind.List(
            string.Join(", ", Allowed),
            word => Allowed.Contains(word) ? null : Nearest.To(word, Allowed) is { } near ? $"; did you mean {near}?" : $"; these are known: {string.Join(", ", Allowed)}");
    }

    /// <summary>A list of texts that may repeat, in an order that counts.</summary>
    /// <param name="Refuse">Null when a text is allowed, else what may follow "was …".</param>
    internal sealed record Lines(Func<string, string?> Refuse) : Shape;

    /// <summary>Keys of its own.</summary>
    internal sealed record Section(ImmutableArray<Field> Fields) : Shape;

    /// <summary>A list of sections, at least one.</summary>
    internal sealed record Rows(ImmutableArray<Field> Fields) : Shape;
}

/// <summary>One key of a manifest.</summary>
/// <param name="Meaning">One sentence for whoever writes a manifest.</param>
internal sealed record Field(string Name, bool Required, string Meaning, Shape Shape);
