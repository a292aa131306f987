using Helix.Access;
using Helix.Contracts;
using Helix.Install;

namespace Helix.Daemon;

/// <summary><c>POST /helix/v1/cleanup?dry_run=true</c>: throws away what nobody needs, or only says what would go.</summary>
internal static class CleanupEndpoints
{
    public static void MapCleanup(this IEndpointRouteBuilder routes, CleanupRun cleanup) => routes.MapPost("/helix/v1/cleanup", async context =>
    {
        var onlyLook = context.Request.Query["dry_run"] == "true";
        try
        {
            var done = await cleanup.RunAsync(onlyLook, context.RequestAborted);
            await ApiAnswer.OkAsync(context, ReportOf(onlyLook, done), ApiJson.Default.CleanupReport);
        }
        catch (Exception disk) when (disk is IOException or UnauthorizedAccessException)
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status500InternalServerError, new("disk", $"helix's folder could not be looked through: {disk.Message}", "Check that it belongs to you, and run the same command again."));
        }
    });

    public static CleanupReport ReportOf(bool onlyLook, IReadOnlyCollection<CleanupDone> done) => new(
        onlyLook, done.Where(each => each.Problem is null).Sum(each => each.Item.Item.Bytes),
        [.. done.Select(each => new CleanupItemReport(each.Item.Kind.ToString().ToLowerInvariant(), each.Item.What, each.Item.Item.Path, each.Item.Item.Bytes, each.Problem))]);
}
