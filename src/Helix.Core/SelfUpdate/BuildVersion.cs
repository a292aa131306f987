namespace Helix.Core.SelfUpdate;

/// <summary>What a build of helix calls itself: <c>0.1.0</c>, or <c>0.1.0+</c> and the number of the commit that it is of.</summary>
internal static class BuildVersion
{
    /// <summary>With no more of a commit's number than tells it apart.</summary>
    public static string Short(string version) =>
        version.IndexOf('+', StringComparison.Ordinal) is > 0 and var plus && version.Length > plus + 9 ? version[..(plus + 9)] : version;
}
