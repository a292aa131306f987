namespace Helix.Core.Gateway;

/// <summary>What memory had to do with an answer.</summary>
internal enum MemoryUse
{
    /// <summary>Nothing: it was not looked through.</summary>
    None,

    /// <summary>There was nothing in it for this request.</summary>
    Miss,

    /// <summary>The same was answered before.</summary>
    Hit,

    /// <summary>The same was being answered to somebody else.</summary>
    Shared,

    /// <summary>What means the same was answered before.</summary>
    Semantic,
}

/// <summary>The same in words, for headers and labels.</summary>
internal static class MemoryUses
{
    /// <returns>Null where it had nothing to do with it.</returns>
    public static string? Word(this MemoryUse use) => use switch
    {
        MemoryUse.Miss => "miss",
        MemoryUse.Hit => "hit",
        MemoryUse.Shared => "shared",
        MemoryUse.Semantic => "semantic",
        _ => null,
    };
}
