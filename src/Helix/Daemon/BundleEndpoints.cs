using System.Text.Json;
using Helix.Access;
using Helix.Contracts;
using Helix.Install;

namespace Helix.Daemon;

/// <summary><c>POST /helix/v1/bundle/create|apply</c>: with a file on the daemon's machine, by its whole path.</summary>
internal static class BundleEndpoints
{
    private const int MaxBodyBytes = 1 << 16;

    public static void MapBundle(this IEndpointRouteBuilder routes, BundleCreate create, BundleApply apply)
    {
        routes.MapPost("/helix/v1/bundle/create", context => RunAsync(context, async request =>
        {
            var made = await create.WriteAsync(request.File, request.Providers ?? [], request.Models ?? [], context.RequestAborted);
            var leftOut = request is { Providers: null or { Count: 0 }, Models: null or { Count: 0 } } ? create.LeftOut : [];
            return new BundleReport(
                new FileInfo(request.File).Length,
                [
                    .. made.Releases.Select(release => new BundleItemReport($"{release.Provider} {release.Version}", "bundled", true)),
                    .. made.Models.Select(model => new BundleItemReport(model.Id, "bundled", true)),
                    .. made.Providers.Select(provider => new BundleItemReport(provider.File, "bundled", true)),
                    .. leftOut.Select(release => new BundleItemReport($"{release.Provider} {release.Version}", $"left out: {BundleCreate.NotPassedOn}", true)),
                ]);
        }));
        routes.MapPost("/helix/v1/bundle/apply", context => RunAsync(context, async request =>
        {
            var placed = await apply.PlaceAsync(request.File, context.RequestAborted);
            return new BundleReport(new FileInfo(request.File).Length, [.. placed.Select(item => new BundleItemReport(item.What, item.Words, item.IsThere))]);
        }));
    }

    private static async Task RunAsync(HttpContext context, Func<BundleRequest, Task<BundleReport>> run)
    {
        // a body that cannot be read is no trouble of the disk
        var body = await ApiAnswer.BodyAsync(context, MaxBodyBytes);
        try
        {
            var request = body is null ? null : JsonSerializer.Deserialize(body, ApiJson.Default.BundleRequest);
            if (request is null || !ApiAnswer.IsWholePath(request.File)) await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new("invalid", "the body names no whole path of a file", "Send {\"file\": \"/path/to/file\"}."));
            else await ApiAnswer.OkAsync(context, await run(request), ApiJson.Default.BundleReport);
        }
        catch (JsonException bad)
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new("invalid", $"the body is not what is wanted here: {bad.Message}"));
        }
        catch (BundleException refused)
        {
            await ApiAnswer.RefuseAsync(context, refused.IsMissing ? StatusCodes.Status404NotFound : StatusCodes.Status409Conflict, new(refused.IsMissing ? "not_found" : "conflict", refused.Message, refused.Remedy));
        }
        catch (IOException full) when (FreeSpace.IsExhausted(full))
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status507InsufficientStorage, new("no_space", full.Message, "Free some disk space, and run the same command again: what is placed stays."));
        }
        catch (Exception disk) when (disk is IOException or UnauthorizedAccessException)
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status500InternalServerError, new("disk", disk.Message, "Check who may read and write there, and run the same command again."));
        }
    }
}
