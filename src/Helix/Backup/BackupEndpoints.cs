using System.Text.Json;
using Helix.Access;
using Helix.Contracts;

namespace Helix.Backup;

/// <summary><c>GET /helix/v1/backups</c>: what there is; <c>POST</c>: one more, now.</summary>
internal sealed class BackupEndpoints(Backups backups)
{
    private const int MaxBodyBytes = 1 << 16;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/helix/v1/backups", context => ApiAnswer.OkAsync(context, BackupReporting.ListOf(backups.Shelf), BackupApiJson.Default.BackupList));
        routes.MapPost("/helix/v1/backups", CreateAsync);
    }

    private async Task CreateAsync(HttpContext context)
    {
        try
        {
            var body = await ApiAnswer.BodyAsync(context, MaxBodyBytes);
            var request = body is null ? null : body.Length == 0 ? new() : JsonSerializer.Deserialize(body, BackupApiJson.Default.BackupRequest);
            string?[] paths = [request?.To, request?.KeyFile, request?.PassphraseFile];
            if (request is null || paths.Any(path => path is not null && !ApiAnswer.IsWholePath(path)))
            {
                await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new("invalid", "the body names something else than whole paths of files", "Send {}, or {\"to\": \"/path/to/file\"}."));
                return;
            }

            var made = await backups.MakeAsync(new(BackupWish.Asked, request.To, request.KeyFile, request.PassphraseFile), context.RequestAborted);
            await ApiAnswer.OkAsync(context, BackupReporting.Of(made), BackupApiJson.Default.BackupReport);
        }
        catch (JsonException bad)
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new("invalid", $"the body is not what is wanted here: {bad.Message}"));
        }
        catch (BackupException refused)
        {
            await ApiAnswer.RefuseAsync(context, StatusOf(refused.Code), new(refused.Code, refused.Message, refused.Remedy));
        }
    }

    private static int StatusOf(string code) => code switch
    {
        "not_found" => StatusCodes.Status404NotFound,
        "no_space" => StatusCodes.Status507InsufficientStorage,
        "invalid" => StatusCodes.Status400BadRequest,
        "storage" or "disk" => StatusCodes.Status500InternalServerError,
        _ => StatusCodes.Status409Conflict,
    };
}
