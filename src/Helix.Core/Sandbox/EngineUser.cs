namespace Helix.Core.Sandbox;

/// <summary>The users that engines are where root starts them: numbers that belong to nobody, one for each provider.</summary>
internal static class EngineUser
{
    /// <summary>Of all engines: what they may read is opened to it.</summary>
    public const int Group = 61_000;

    private const int First = 61_001;
    private const int Count = 500;

    /// <summary>One of an engine, of whatever provider.</summary>
    public static bool Is(uint user) => user is >= First and < First + Count;

    /// <param name="taken">Numbers that somebody has.</param>
    public static int Of(string provider, IReadOnlySet<int> taken)
    {
        var hash = 2166136261u;
        foreach (var letter in provider) hash = (hash ^ letter) * 16777619;
        var start = (int)(hash % Count);
        return Enumerable.Range(0, Count).Select(step => First + (start + step) % Count).First(number => !taken.Contains(number));
    }
}
