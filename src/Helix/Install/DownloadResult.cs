namespace Helix.Install;

/// <summary>How a download ended.</summary>
internal abstract record DownloadResult
{
    private DownloadResult() { }

    /// <param name="Sha256">Of the bytes that lie at <paramref name="Path"/>, in lower-case hexadecimal.</param>
    internal sealed record Done(string Path, long Bytes, string Sha256) : DownloadResult;

    /// <param name="Reason">What happened and why.</param>
    /// <param name="Remedy">What the user can do.</param>
    internal sealed record Failed(DownloadTrouble Trouble, string Reason, string Remedy) : DownloadResult;
}

/// <summary>Kinds of failure, as far as callers treat them differently.</summary>
internal enum DownloadTrouble
{
    /// <summary>Nothing may be fetched; no socket was opened.</summary>
    Offline,

    /// <summary>No connection could be made.</summary>
    Unreachable,
    NotFound,

    /// <summary>The server wants a token, or another one.</summary>
    Denied,

    /// <summary>The connection broke again and again; what has arrived is kept.</summary>
    Interrupted,

    /// <summary>What arrived is not what was declared; it was thrown away.</summary>
    Tampered,

    /// <summary>The way leads from https to http.</summary>
    Insecure,

    NoSpace,

    /// <summary>The disk refused for another reason.</summary>
    Disk,

    /// <summary>The server answered something that makes no sense.</summary>
    Server,
}
