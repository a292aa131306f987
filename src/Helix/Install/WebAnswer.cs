namespace Helix.Install;

/// <summary>What a request came to.</summary>
internal abstract record WebAnswer
{
    private WebAnswer() { }

    /// <summary>Somebody answered, with any status. The receiver disposes <paramref name="Response"/>.</summary>
    internal sealed record Answered(HttpResponseMessage Response, Uri Url) : WebAnswer;

    /// <summary>There is no answer. <paramref name="Connected"/> tells a broken connection from one that was never made.</summary>
    internal sealed record Silent(DownloadResult.Failed Failure, bool Connected) : WebAnswer;
}
