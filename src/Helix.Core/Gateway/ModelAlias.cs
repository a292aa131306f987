using System.Collections.Immutable;
using System.Globalization;

namespace Helix.Core.Gateway;

/// <summary>A model that has a place in an alias alone, or with others.</summary>
/// <param name="Share">Of the requests, against the others at the same place.</param>
internal readonly record struct AliasShare(string Model, double Share);

/// <summary>
/// A name of the configuration's own for a model, and for those that are asked where it cannot answer: <c>big, small</c>.
/// Models may share a place: <c>big 9 | other 1, small</c>. One may be asked the same without anybody hearing it: <c>big, shadow other 5%</c>.
/// </summary>
/// <param name="Text">As it was written.</param>
/// <param name="Places">In the order in which they are asked; each has at least one model.</param>
internal sealed record ModelAlias(string Text, ImmutableArray<ImmutableArray<AliasShare>> Places)
{
    private const int MostModels = 16;
    private const string ShadowWord = "shadow";

    /// <summary>Who is asked the same after whoever answered, and of how many requests, from 0 to 1; null for nobody.</summary>
    public AliasShare? Shadow { get; private init; }

    /// <returns>Either an alias, or what is wrong with the text.</returns>
    public static (ModelAlias? Alias, string? Wrong) Parse(string text)
    {
        var places = ImmutableArray.CreateBuilder<ImmutableArray<AliasShare>>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        AliasShare? shadow = null;
        var parts = text.Split(',');
        if (parts[^1].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is [ShadowWord, var copied, .. var rest] && parts.Length > 1)
        {
            var percent = 100.0;
            if (rest is not [] && !(rest is [var number] && double.TryParse(number.TrimEnd('%'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out percent) && percent is > 0 and <= 100))
                return (null, $"\"{parts[^1].Trim()}\" is not shadow, a model's name and a percentage");
            (shadow, parts) = (new(copied, percent / 100), parts[..^1]);
        }

        foreach (var place in parts)
        {
            var shares = ImmutableArray.CreateBuilder<AliasShare>();
            foreach (var part in place.Split('|'))
            {
                var words = part.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                if (words is not ([_] or [_, _])) return (null, words.Length == 0 ? "a model's name is missing" : $"\"{part.Trim()}\" is not a model's name with a number");
                if (!seen.Add(words[0])) return (null, $"{words[0]} is named twice");
                var share = 1.0;
                if (words is [_, var number] && !(double.TryParse(number.TrimEnd('%'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out share) && share is > 0 and <= 1e6))
                    return (null, $"{number} is not a number above 0");
                shares.Add(new(words[0], share));
            }

            places.Add(shares.DrainToImmutable());
        }

        return seen.Count > MostModels ? (null, $"it names {seen.Count} models, and {MostModels} are the most") : (new(text, places.DrainToImmutable()) { Shadow = shadow }, null);
    }

    /// <summary>Null when the text is one, else what may follow "was …".</summary>
    public static string? Refuse(string text) => Parse(text).Wrong is { } wrong ? $": {wrong}; write models like \"big, small\" or \"big 9 | other 1, small\"" : null;

    /// <summary>The models, in the order in which they are asked. Of those at one place, one goes first by its share, and the others follow.</summary>
    /// <param name="roll">In [0, 1): whose turn it is.</param>
    public ImmutableArray<string> Order(double roll) => [.. Places.SelectMany(place => Order(place, roll))];

    public bool Equals(ModelAlias? other) => other?.Text == Text;

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    private static IEnumerable<string> Order(ImmutableArray<AliasShare> place, double roll)
    {
        var left = roll * place.Sum(each => each.Share);
        var first = place[^1];
        foreach (var each in place)
        {
            if (left < each.Share)
            {
                first = each;
                break;
            }

            left -= each.Share;
        }

        return place.Where(each => each != first).OrderByDescending(each => each.Share).Select(each => each.Model).Prepend(first.Model);
    }
}
