using System.Net;
using System.Net.Http.Headers;

namespace Helix.Install;

/// <summary>Asks for ranges of one file, and knows an answer that belongs to another state of it.</summary>
/// <param name="ETag">Strong, of the answer that the file began with; null if it had none.</param>
/// <param name="Modified">Of the same answer.</param>
internal sealed record PieceSource(Web Web, TimeProvider Time, DownloadRequest Request, string? ETag, DateTimeOffset? Modified, long Total)
{
    public Task<WebAnswer> AskAsync(long from, long to, CancellationToken cancellationToken) => Web.SendAsync(
        HttpMethod.Get,
        Request.Url,
        headers =>
        {
            headers.Range = new RangeHeaderValue(from, to);
            if (ETag is not null) headers.IfRange = new RangeConditionHeaderValue(EntityTagHeaderValue.Parse(ETag));
        },
        Request.Token,
        static _ => true,
        cancellationToken);

    public bool Fits(HttpResponseMessage response, long from, long to) =>
        response.StatusCode == HttpStatusCode.PartialContent
        && response.Content.Headers.ContentRange is { } range && range.From == from && range.To == to && range.Length == Total
        && (ETag is null || response.Headers.ETag is null || response.Headers.ETag.ToString() == ETag)
        && (Modified is null || response.Content.Headers.LastModified is null || response.Content.Headers.LastModified == Modified);
}
