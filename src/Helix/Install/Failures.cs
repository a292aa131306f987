using System.Net;

namespace Helix.Install;

/// <summary>The words for what a server can do to a download.</summary>
internal static class Failures
{
    private const string TryLater = "Try again later: what has arrived is kept and continued.";

    public static bool IsPassing(HttpStatusCode status) => (int)status is 408 or 429 or 500 or 502 or 503 or 504;

    public static DownloadResult.Failed For(Uri url, HttpStatusCode status, bool hadToken) => status switch
    {
        HttpStatusCode.NotFound or HttpStatusCode.Gone => new(DownloadTrouble.NotFound, $"{url.Host} has no {url.AbsolutePath}", "Check the address: upper and lower case count."),
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new(
            DownloadTrouble.Denied,
            $"{url.Host} does not give {url.AbsolutePath} to {(hadToken ? "the owner of this token" : "strangers")} (HTTP {(int)status})",
            hadToken ? "Check what the token is allowed to read." : "Set HF_TOKEN if this is a model hub, or fetch the file yourself and add it with `helix models add FILE`."),
        _ => Server(url, status),
    };

    public static DownloadResult.Failed Server(Uri url, HttpStatusCode status) => new(DownloadTrouble.Server, $"{url.Host} answers with HTTP {(int)status}", TryLater);

    public static DownloadResult.Failed Broken(Uri url) => new(DownloadTrouble.Interrupted, $"{url.Host} broke the connection off", TryLater);

    public static DownloadResult.Failed Stalled(Uri url, TimeSpan idle) => new(DownloadTrouble.Interrupted, $"{url.Host} has sent nothing for {idle.TotalSeconds:0} s", TryLater);

    public static DownloadResult.Failed Tampered(Uri url, string what) => new(
        DownloadTrouble.Tampered,
        $"what {url.Host} sent is not the file that was declared: {what}",
        "It was thrown away. Try again; if it happens again, the file was replaced or somebody on the way changes it.");
}
