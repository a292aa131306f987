namespace Helix.Core.Security;

/// <summary>What helix needs of a file or folder of its own.</summary>
internal enum PathNeed
{
    /// <summary>Nobody but its owner may do anything with it.</summary>
    OwnerOnly,

    /// <summary>Nobody but its owner may change it.</summary>
    OwnerWrites,
}

/// <summary>A file, folder or socket of helix's own as it was found; never what a link leads to.</summary>
/// <param name="User">Whose it is.</param>
/// <param name="Mode">Its rights, as <c>chmod</c> takes them.</param>
/// <param name="IsReachable">No folder above it keeps others out.</param>
/// <param name="MayBeClosed">helix takes rights away from it by itself; what lies outside of its home is its user's.</param>
internal sealed record PathFacts(string Path, PathNeed Need, uint User, int Mode, bool IsReachable, bool MayBeClosed = true);
