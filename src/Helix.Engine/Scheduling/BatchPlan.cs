namespace Helix.Engine.Scheduling;

/// <summary>
/// What the next step computes: one token of each slot that writes, or a piece of one prompt. llama.cpp takes sequences that get unequally many tokens apart
/// anyway, and what is left of a short piece then is computed row by row.
/// </summary>
internal static class BatchPlan
{
    /// <summary>
    /// ggml's attention on a processor takes so many rows of a sequence together (its GGML_FA_TILE_Q). A shorter piece goes row by row: each of its tokens takes as
    /// long as one that is written.
    /// </summary>
    public const int Tile = 64;

    /// <summary>From so many tokens before it on, the attention of a short piece takes longer than all else.</summary>
    private const int LongMemory = 512;

    /// <param name="needs">Tokens each slot has yet to compute; 0 for none, 1 where it writes.</param>
    /// <param name="passed">Tokens of others' prompts that were computed since each slot got its own: a prompt waits for shorter ones, and for no more of them than it is longer.</param>
    /// <param name="shares">Filled with what each gets now; at most its need.</param>
    /// <param name="room">Most tokens of one step; at least the number of slots, and twice <see cref="Tile"/>.</param>
    /// <param name="beside">Most tokens of a prompt while others write: it is they who wait for it.</param>
    /// <param name="afterPrompt">The step before computed a prompt: those that write take turns with prompts.</param>
    public static void Plan(ReadOnlySpan<int> needs, ReadOnlySpan<long> passed, Span<int> shares, int room, int beside, bool afterPrompt)
    {
        var (writers, prompt) = (0, -1);
        for (var i = 0; i < needs.Length; i++)
        {
            shares[i] = 0;
            if (needs[i] == 1)
                writers++;
            else if (needs[i] > 1 && (prompt < 0 || needs[i] - passed[i] < needs[prompt] - passed[prompt]))
                prompt = i;
        }

        if (prompt >= 0 && (writers == 0 || !afterPrompt))
        {
            shares[prompt] = Piece(needs[prompt], writers == 0 ? room : beside);
            return;
        }

        for (var i = 0; i < needs.Length; i++)
            shares[i] = needs[i] == 1 ? 1 : 0;
    }

    /// <summary>How many of the tokens that are in memory at a prompt's beginning are not read again: what is left to read is no short piece, if it is nearly one that is not.</summary>
    public static int Kept(int shared, int prompt) => shared >= LongMemory && prompt - shared is >= Tile / 2 and < Tile ? prompt - Tile : shared;

    private static int Piece(int need, int room) => need <= room ? need : Math.Min(room, need - Tile);
}
