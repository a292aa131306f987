namespace Helix.Engine.Scheduling;

/// <summary>How many tokens of each slot the next step computes.</summary>
internal static class BatchPlan
{
    /// <summary>
    /// Slots that write (one token each) always go on; what room is left is shared fairly among the prompts, so that a short one
    /// need not wait for a long one.
    /// </summary>
    /// <param name="needs">Tokens each slot has yet to compute; 0 for none.</param>
    /// <param name="shares">Filled with what each gets now; at most its need.</param>
    /// <param name="room">Most tokens of one step; at least the number of slots.</param>
    /// <param name="beside">Most tokens of prompts in a step in which others write: it is they who wait for it.</param>
    public static void Plan(ReadOnlySpan<int> needs, Span<int> shares, int room, int beside)
    {
        var writers = needs.Count(1);
        var left = writers == 0 ? room : Math.Min(room - writers, beside);
        for (var i = 0; i < needs.Length; i++)
            shares[i] = needs[i] == 1 ? 1 : 0;
        for (var hungry = Hungry(needs, shares); hungry > 0 && left > 0; hungry = Hungry(needs, shares))
        {
            var each = Math.Max(1, left / hungry);
            for (var i = 0; i < needs.Length && left > 0; i++)
            {
                var more = Math.Min(Math.Min(each, left), needs[i] - shares[i]);
                shares[i] += more;
                left -= more;
            }
        }
    }

    private static int Hungry(ReadOnlySpan<int> needs, ReadOnlySpan<int> shares)
    {
        var count = 0;
        for (var i = 0; i < needs.Length; i++)
        {
            if (shares[i] < needs[i])
                count++;
        }

        return count;
    }
}
