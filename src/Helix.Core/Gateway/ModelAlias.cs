using System.Collections.Immutable;
using System.Globalization;

namespace Helix.Core.Gateway;

/// <summary>A model that has a place in an alias alone, or with others.</summary>
/// <param name="Share">Of the requests, against the others at the same place.</param>
internal readonly record struct AliasShare(string Model, double Share);

/// <summary>Models that have a place in an alias together; at least one.</summary>
/// <param name="IsContest">The best of them for a request is asked first; else they share the requests.</param>
internal sealed record AliasPlace(ImmutableArray<AliasShare> Models, bool IsContest)
{
    /// <summary>In the order in which they were written.</summary>
    public ImmutableArray<string> Names => [.. Models.Select(each => each.Model)];
}

/// <summary>
/// A name of the configuration's own for a model, and for those that are asked where it cannot answer: <c>big, small</c>.
/// Models may share a place: <c>big 9 | other 1, small</c>; or the best of them for each request takes it: <c>big or other, small</c>.
/// One may be asked the same without anybody hearing it: <c>big, shadow other 5%</c>.
/// </summary>
/// <param name="Text">As it was written.</param>
/// <param name="Places">In the order in which they are asked.</param>
internal sealed record ModelAlias(string Text, ImmutableArray<AliasPlace> Places)
{
    private const int MostModels = 16;
    private const string ShadowWord = "shadow";
    private const string ContestWord = "or";

    /// <summary>Who is asked the same after whoever answered, and of how many requests, from 0 to 1; null for nobody.</summary>
    public AliasShare? Shadow { get; private init; }

    /// <returns>Either an alias, or what is wrong with the text.</returns>
    public static (ModelAlias? Alias, string? Wrong) Parse(string text)
    {
        var places = ImmutableArray.CreateBuilder<AliasPlace>();
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
            var contest = Contest(place);
            foreach (var part in contest ?? place.Split('|'))
            {
                var words = part.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                if (words is not ([_] or [_, _])) return (null, words.Length == 0 ? "a model's name is missing" : $"\"{part.Trim()}\" is not a model's name with a number");
                if (!seen.Add(words[0])) return (null, $"{words[0]} is named twice");
                var share = 1.0;
                if (words is [_, var number] && !(double.TryParse(number.TrimEnd('%'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out share) && share is > 0 and <= 1e6))
                    return (null, $"{number} is not a number above 0");
                shares.Add(new(words[0], share));
            }

            places.Add(new(shares.DrainToImmutable(), contest is not null));
        }

        return seen.Count > MostModels ? (null, $"it names {seen.Count} models, and {MostModels} are the most") : (new(text, places.DrainToImmutable()) { Shadow = shadow }, null);
    }

    /// <summary>Null when the text is one, else what may follow "was …".</summary>
    public static string? Refuse(string text) => Parse(text).Wrong is { } wrong ? $": {wrong}; write models like \"big, small\", \"big 9 | other 1, small\" or \"big or other, small\"" : null;

    /// <summary>The models, in the order in which they are asked. Of those that share a place, one goes first by its share, and the others follow.</summary>
    /// <param name="roll">In [0, 1): whose turn it is.</param>
    /// <param name="best">Brings the best of a place before the others; null: they stay as they were written.</param>
    public ImmutableArray<string> Order(double roll, Func<AliasPlace, ImmutableArray<string>>? best = null) =>
        [.. Places.SelectMany(place => !place.IsContest ? Order(place.Models, roll) : best is null ? place.Names : best(place))];

    public bool Equals(ModelAlias? other) => other?.Text == Text;

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <summary>Names with the word between each two of them; null where it is no such place.</summary>
    private static string[]? Contest(string place)
    {
        var words = place.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 3 || words.Length % 2 == 0 || place.Contains('|', StringComparison.Ordinal)) return null;
        return words.Index().All(each => each.Index % 2 == 0 || each.Item == ContestWord) ? [.. words.Where((_, at) => at % 2 == 0)] : null;
    }

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
