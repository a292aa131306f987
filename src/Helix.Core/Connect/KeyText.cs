using System.Text.RegularExpressions;
using Helix.Core.Access;

namespace Helix.Core.Connect;

/// <summary>Finds keys of helix in a text.</summary>
internal static partial class KeyText
{
    public const string Masked = "hx_…";

    /// <summary>Stands for a key that is not made yet, or is not to be kept.</summary>
    public static string Sample { get; } = ApiKey.From(new byte[32]);

    /// <summary>The text as it may be shown.</summary>
    public static string Mask(string text) => Keys().Replace(text, Masked);

    /// <summary>The same for a text that another one takes the place of: a key that only this one has is told apart from those of the other.</summary>
    public static string Mask(string text, string next) =>
        Keys().IsMatch(next) ? Keys().Replace(text, key => next.Contains(key.Value, StringComparison.Ordinal) ? Masked : Masked + "old") : Mask(text);

    public static bool IsAt(string text, int at) => KeyHere().IsMatch(text, at);

    /// <param name="prefix">The first characters of the key, as helix remembers them.</param>
    public static string? Find(string text, string prefix) =>
        Keys().Matches(text).Select(match => match.Value).FirstOrDefault(key => key.StartsWith(prefix, StringComparison.Ordinal));

    [GeneratedRegex("hx_[0-9A-Za-z]{43}", RegexOptions.CultureInvariant)]
    private static partial Regex Keys();

    [GeneratedRegex(@"\Ghx_[0-9A-Za-z]{43}", RegexOptions.CultureInvariant)]
    private static partial Regex KeyHere();
}
