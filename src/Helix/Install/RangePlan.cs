namespace Helix.Install;

/// <summary>When and how a big file is fetched in several ranges at once.</summary>
/// <param name="FromBytes">Where less than this is missing, it comes as a single stream.</param>
/// <param name="AtOnce">Ranges under way at the same time.</param>
/// <param name="PieceBytes">Length of a range. It waits in memory until those before it are written.</param>
internal sealed record RangePlan(long FromBytes, int AtOnce, int PieceBytes)
{
    public static RangePlan Default { get; } = new(64L << 20, 4, 16 << 20);
}
