using System.Globalization;
using System.Text.RegularExpressions;

namespace Helix.Core.Models;

/// <summary>The name of one file of a model in several, for example <c>model-00002-of-00003.gguf</c>.</summary>
/// <param name="Number">Counted from 1, as in the name.</param>
internal sealed partial record ShardName(string Stem, int Number, int Count)
{
    /// <summary>More parts than any model has.</summary>
    public const int MaxParts = 512;

    /// <summary>Null if the name is not of this form.</summary>
    public static ShardName? Parse(string fileName)
    {
        var match = Form().Match(fileName);
        if (!match.Success) return null;
        var (number, count) = (int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture), int.Parse(match.Groups[3].ValueSpan, CultureInfo.InvariantCulture));
        return number >= 1 && number <= count && count <= MaxParts ? new ShardName(match.Groups[1].Value, number, count) : null;
    }

    public string FileName => string.Create(CultureInfo.InvariantCulture, $"{Stem}-{Number:00000}-of-{Count:00000}.gguf");

    /// <summary>All parts, the first one first.</summary>
    public IEnumerable<ShardName> All() => Enumerable.Range(1, Count).Select(number => this with { Number = number });

    [GeneratedRegex(@"^(.+)-(\d{5})-of-(\d{5})\.gguf$", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
