namespace Helix.Install;

/// <summary>One file to be fetched.</summary>
/// <param name="Target">Path that the file gets when it is whole and verified; beside it lies <c>*.part</c> until then.</param>
/// <param name="Bytes">Declared length.</param>
/// <param name="Sha256">Declared digest, in lower-case hexadecimal.</param>
/// <param name="Token">Sent as bearer token to the host of <paramref name="Url"/>, and to no other.</param>
internal sealed record DownloadRequest(Uri Url, string Target, long? Bytes = null, string? Sha256 = null, string? Token = null)
{
    /// <summary>Bytes that such a file has at most, where its length is not declared; null for no limit.</summary>
    public long? Most { get; init; }
}

/// <summary>Where a download stands.</summary>
/// <param name="BytesPerSecond">Of the last few seconds; null until that can be said.</param>
/// <param name="Note">Set while something other than bytes is awaited.</param>
internal sealed record DownloadProgress(long DoneBytes, long? TotalBytes, double? BytesPerSecond, string? Note = null);

/// <param name="Offline">Asked before each request, so that a changed configuration counts at once.</param>
/// <param name="Mirrors">Asked before each request, too: <c>ADDRESS=MIRROR</c>, for example <c>https://huggingface.co/=https://mirror.example/</c>.</param>
internal sealed record DownloadOptions(Func<bool> Offline, Func<IReadOnlyList<string>> Mirrors)
{
    private static readonly string[] s_switches = ["HELIX_OFFLINE", "HF_HUB_OFFLINE"];

    /// <summary>What the environment says of being offline.</summary>
    public static bool OfflineByEnvironment() =>
        s_switches.Any(name => Environment.GetEnvironmentVariable(name) is { } value && value.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE");
}
