using System.Net;
using Helix.Core.Models;

namespace Helix.Install;

/// <summary>Asks a model hub what it has under a name: the commit, the length and the digest that it declares.</summary>
/// <remarks>
/// Hugging Face answers a HEAD on <c>/OWNER/REPOSITORY/resolve/REVISION/FILE</c> with a redirect to its store whose own headers are
/// <c>X-Repo-Commit</c>, <c>X-Linked-Size</c> and <c>X-Linked-Etag</c> (the SHA-256 of the file), and refusals with <c>X-Error-Code</c>.
/// </remarks>
/// <param name="endpoint">Base address; asked each time, so that a changed configuration counts at once.</param>
internal sealed class Hub(Web web, Func<Uri> endpoint)
{
    private const int LargestListing = 64 << 20;

    public Uri Endpoint => endpoint();

    /// <summary>The hub of the environment, else of the configuration.</summary>
    public static Uri EndpointFrom(string configured) =>
        Uri.TryCreate((Environment.GetEnvironmentVariable("HF_ENDPOINT") is { Length: > 0 } set ? set : configured).TrimEnd('/') + "/", UriKind.Absolute, out var uri)
            ? uri
            : new Uri("https://huggingface.co/");

    /// <summary>Secret of the environment for gated models; null if there is none.</summary>
    public static string? Token => Environment.GetEnvironmentVariable("HF_TOKEN") is { Length: > 0 } token ? token : null;

    public async Task<HubAnswer> FindAsync(ModelSource.Hub source, CancellationToken cancellationToken)
    {
        var url = UrlOf(source, source.Revision);
        var answer = await web.SendAsync(HttpMethod.Head, url, static _ => { }, Token, response => StaysOnHub(url, response), cancellationToken);
        if (answer is WebAnswer.Silent(var silent, _)) return new HubAnswer.Failed(silent);

        using var response = ((WebAnswer.Answered)answer).Response;
        if ((int)response.StatusCode >= 400) return new HubAnswer.Failed(Refusal(source, response));

        var digest = Header(response, "X-Linked-Etag") is { } tag && ModelSource.IsDigest(tag) ? tag : null;
        if (source.Sha256 is { } wanted && digest is not null && digest != wanted)
            return new HubAnswer.Failed(Failures.Tampered(url, $"the hub now declares the digest {digest} where {wanted} is expected"));

        var commit = Header(response, "X-Repo-Commit") ?? source.Revision;
        var bytes = long.TryParse(Header(response, "X-Linked-Size"), out var size) && size > 0 ? size : (long?)null;
        return new HubAnswer.Found(UrlOf(source, commit), commit, bytes, source.Sha256 ?? digest);
    }

    /// <summary>All files of a repository.</summary>
    public async Task<HubAnswer> ListAsync(ModelSource.HubFolder source, CancellationToken cancellationToken)
    {
        var url = new Uri(endpoint(), $"api/models/{Escaped(source.Repository)}/revision/{Uri.EscapeDataString(source.Revision)}?blobs=true");
        var answer = await web.SendAsync(HttpMethod.Get, url, static _ => { }, Token, static _ => true, cancellationToken);
        if (answer is WebAnswer.Silent(var silent, _)) return new HubAnswer.Failed(silent);
        using var response = ((WebAnswer.Answered)answer).Response;
        if ((int)response.StatusCode >= 400) return new HubAnswer.Failed(Refusal(new(source.Repository, "", source.Revision), response));
        try
        {
            return HubListing.Read(await web.ReadAsync(response, LargestListing, cancellationToken)) is { } listing
                ? new HubAnswer.Listed(listing)
                : new HubAnswer.Failed(new(DownloadTrouble.Server, $"{url.Host} answered with something that is no list of files", "Check the hub's address (HF_ENDPOINT)."));
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException)
        {
            return new HubAnswer.Failed(new(DownloadTrouble.Interrupted, $"{url.Host} broke off in the middle of its list of files", "Try again."));
        }
    }

    /// <summary>Where a file lies at one commit.</summary>
    public Uri UrlOf(string repository, string commit, string path) => UrlOf(new(repository, path), commit);

    private Uri UrlOf(ModelSource.Hub source, string revision) =>
        new(endpoint(), $"{Escaped(source.Repository)}/resolve/{Uri.EscapeDataString(revision)}/{Escaped(source.Path)}");

    private static string Escaped(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    /// <summary>A renamed repository redirects within the hub; the redirect that carries the digest leads away from it and is the answer.</summary>
    private static bool StaysOnHub(Uri hub, HttpResponseMessage response) =>
        Header(response, "X-Linked-Etag") is null && response.Headers.Location is { } next && new Uri(response.RequestMessage?.RequestUri ?? hub, next).Authority == hub.Authority;

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.First().Replace("W/", "", StringComparison.Ordinal).Trim('"') : null;

    private DownloadResult.Failed Refusal(ModelSource.Hub source, HttpResponseMessage response)
    {
        var host = endpoint().Host;
        var page = new Uri(endpoint(), source.Repository);
        return (Header(response, "X-Error-Code"), response.StatusCode) switch
        {
            ("GatedRepo", _) => new(DownloadTrouble.Denied, $"{source.Repository} is gated: its owner gives it only to those who agreed to its terms", $"Agree at {page}, then set HF_TOKEN to a token of that account."),
            ("EntryNotFound", _) => new(DownloadTrouble.NotFound, $"{source.Repository} has no file {source.Path} at {source.Revision}", $"See {page}/tree/{source.Revision} for its files: upper and lower case count."),
            ("RevisionNotFound", _) => new(DownloadTrouble.NotFound, $"{source.Repository} has no revision {source.Revision}", $"See {page}/commits/main, or leave @{source.Revision} away."),
            ("RepoNotFound", _) or (_, HttpStatusCode.NotFound) => new(DownloadTrouble.NotFound, $"{host} has no {source.Repository}, or it is private", $"Check the name at {page}; set HF_TOKEN if it is private."),
            (_, HttpStatusCode.Unauthorized) => new(DownloadTrouble.Denied, $"{host} does not show {source.Repository} to {(Token is null ? "strangers: it is private, gated or not there" : "the owner of this HF_TOKEN")}", $"Check the name at {page}; set HF_TOKEN to a token that may read it."),
            (_, HttpStatusCode.Forbidden) => new(DownloadTrouble.Denied, $"{host} does not give {source.Repository} {(Token is null ? "away without a token" : "to the owner of this HF_TOKEN")}", $"Agree to its terms at {page}, and set HF_TOKEN to a token of that account."),
            (_, var status) => Failures.Server(endpoint(), status),
        };
    }
}

/// <summary>What the hub says of a file.</summary>
internal abstract record HubAnswer
{
    private HubAnswer() { }

    /// <param name="Url">Of exactly this commit.</param>
    /// <param name="Sha256">Null where the hub declares none.</param>
    internal sealed record Found(Uri Url, string Commit, long? Bytes, string? Sha256) : HubAnswer;

    internal sealed record Listed(HubListing Listing) : HubAnswer;

    internal sealed record Failed(DownloadResult.Failed Failure) : HubAnswer;
}
