namespace Helix.Core.Configuration;

/// <summary>Finds what somebody probably meant.</summary>
internal static class Nearest
{
    /// <summary>The candidate closest to <paramref name="given"/>, or null where none is close.</summary>
    public static string? To(string given, IEnumerable<string> candidates)
    {
        var wanted = given.ToLowerInvariant();
        var limit = Math.Clamp(wanted.Length / 3, 1, 4);
        var all = candidates.ToList();
        return all
            .Select(candidate => (candidate, distance: Distance(wanted, candidate.ToLowerInvariant())))
            .Where(pair => pair.distance <= limit)
            .OrderBy(pair => pair.distance)
            .Select(pair => pair.candidate)
            .FirstOrDefault()
            ?? all.Find(candidate => wanted.Length >= 4 && candidate.Contains(wanted, StringComparison.Ordinal));
    }

    /// <summary>How many letters must be added, dropped, changed or swapped with their neighbour to turn one word into the other.</summary>
    public static int Distance(string left, string right)
    {
        var rows = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++) rows[i, 0] = i;
        for (var j = 0; j <= right.Length; j++) rows[0, j] = j;
        for (var i = 1; i <= left.Length; i++)
        {
            for (var j = 1; j <= right.Length; j++)
            {
                var change = left[i - 1] == right[j - 1] ? 0 : 1;
                var best = Math.Min(Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1), rows[i - 1, j - 1] + change);
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                    best = Math.Min(best, rows[i - 2, j - 2] + 1);
                rows[i, j] = best;
            }
        }

        return rows[left.Length, right.Length];
    }
}
