using System.Globalization;
using Helix.Access;
using Helix.Contracts;

namespace Helix.Gateway;

/// <summary><c>/helix/v1/captures</c>: what was asked and answered, where the user has that kept.</summary>
internal sealed class CaptureEndpoints(CaptureShelf shelf, CaptureQueue queue)
{
    private const int Usual = 50;
    private const int Most = 1000;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/helix/v1/captures", ListAsync);
        routes.MapGet("/helix/v1/captures/{id}", OneAsync);
        routes.MapDelete("/helix/v1/captures", ClearAsync);
    }

    private Task ListAsync(HttpContext context)
    {
        var asked = context.Request.Query["limit"].ToString();
        var limit = Usual;
        if (asked.Length > 0 && !(int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= Most))
            return ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new("invalid", $"limit: {asked} is no number from 1 to {Most}"));
        return ApiAnswer.OkAsync(context, new CaptureList(shelf.IsOn, queue.Missed, [.. shelf.Newest(limit).Select(capture => capture.Line())]), CaptureJson.Default.CaptureList);
    }

    private Task OneAsync(HttpContext context)
    {
        var id = (string)context.Request.RouteValues["id"]!;
        return shelf.Find(id) is { } capture
            ? ApiAnswer.OkAsync(context, capture, CaptureJson.Default.CaptureReport)
            : ApiAnswer.RefuseAsync(context, StatusCodes.Status404NotFound, new("not_found", $"Nothing is kept as '{id}'.", "`helix captures list` shows what is."));
    }

    private Task ClearAsync(HttpContext context)
    {
        try
        {
            var count = shelf.Clear();
            return ApiAnswer.OkAsync(context, new Done(count == 1 ? "1 request is thrown away." : $"{count} requests are thrown away."), ApiJson.Default.Done);
        }
        catch (Exception disk) when (disk is IOException or UnauthorizedAccessException)
        {
            return ApiAnswer.RefuseAsync(context, StatusCodes.Status500InternalServerError, new("storage", $"Not all could be thrown away: {disk.Message}", "Look at the rights of the folder, then try again."));
        }
    }
}
