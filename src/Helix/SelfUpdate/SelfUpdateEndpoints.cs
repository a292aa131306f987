using System.Text.Json;
using Helix.Access;
using Helix.Contracts;

namespace Helix.SelfUpdate;

/// <summary><c>POST /helix/v1/updates/helix</c>: 202 where another release takes over from the daemon that answers, a moment later.</summary>
internal sealed class SelfUpdateEndpoints(SelfUpdater updater)
{
    private const int MaxBodyBytes = 1 << 16;

    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/helix/v1/updates/helix", UpdateAsync);

    private async Task UpdateAsync(HttpContext context)
    {
        try
        {
            var body = await ApiAnswer.BodyAsync(context, MaxBodyBytes);
            var request = body is null ? null : body.Length == 0 ? new() : JsonSerializer.Deserialize(body, SelfUpdateApiJson.Default.SelfUpdateRequest);
            if (request is { Check: true, From: not null })
            {
                await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new("invalid", "check and from do not go together: what is named is tried only where it is to be used", "Leave one of them out."));
                return;
            }

            if (request is null || (request.From is { } from && !Path.IsPathFullyQualified(from) && !Uri.TryCreate(from, UriKind.Absolute, out _)))
            {
                await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new("invalid", "the body names no whole path and no address", "Send {\"from\": \"/path/to/archive.tar.gz\"}."));
                return;
            }

            var report = await updater.UpdateAsync(request.From, request.Check, context.RequestAborted);
            await ApiAnswer.OkAsync(context, report, SelfUpdateApiJson.Default.SelfUpdateReport, report.To is null ? StatusCodes.Status200OK : StatusCodes.Status202Accepted);
        }
        catch (JsonException bad)
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new("invalid", $"the body is not what is wanted here: {bad.Message}"));
        }
        catch (SelfUpdateException refused)
        {
            await ApiAnswer.RefuseAsync(context, refused.Code == "not_found" ? StatusCodes.Status404NotFound : StatusCodes.Status409Conflict, new(refused.Code, refused.Message, refused.Remedy));
        }
    }
}
