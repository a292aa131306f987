namespace Helix.Core.Clouds;

/// <summary>A text that nobody is to read: wherever it is written by accident, in a log or in words of an error, it does not stand there.</summary>
internal sealed class Secret(string text) : IEquatable<Secret>
{
    /// <summary>For the one who sends it.</summary>
    public string Reveal() => text;

    public bool Equals(Secret? other) => other is not null && string.Equals(text, other.Reveal(), StringComparison.Ordinal);

    public override bool Equals(object? obj) => Equals(obj as Secret);

    public override int GetHashCode() => string.GetHashCode(text, StringComparison.Ordinal);

    public override string ToString() => "(hidden)";
}
