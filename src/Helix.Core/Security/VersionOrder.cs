using System.Collections.Immutable;
using System.Globalization;

namespace Helix.Core.Security;

/// <summary>Versions as releases are named: 0.11.1, v4.11.0, b10566, 0.0.25-1, 0.6.3.post1. Commits have no order.</summary>
internal static class VersionOrder
{
    private const int LongestNumber = 9;

    /// <summary>Its numbers; null where it does not begin with one. What follows the first part that is no number counts as nothing.</summary>
    public static ImmutableArray<int>? Of(string version)
    {
        var text = version.Split('+', '-')[0];
        if (text.Length > 1 && text[0] is 'v' or 'b') text = text[1..];
        var numbers = ImmutableArray.CreateBuilder<int>();
        foreach (var part in text.Split('.'))
        {
            if (part.Length is 0 or > LongestNumber || !int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) break;
            numbers.Add(number);
        }

        return numbers.Count == 0 ? null : numbers.ToImmutable();
    }

    /// <summary>What one has and the other lacks counts as 0.</summary>
    public static int Compare(ImmutableArray<int> one, ImmutableArray<int> other)
    {
        for (var at = 0; at < Math.Max(one.Length, other.Length); at++)
            if (At(one, at).CompareTo(At(other, at)) is not 0 and var order) return order;
        return 0;
    }

    private static int At(ImmutableArray<int> numbers, int at) => at < numbers.Length ? numbers[at] : 0;
}
