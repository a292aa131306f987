using System.Text.Json;
using Helix.Access;
using Helix.Contracts;
using Helix.Core.Configuration;
using Helix.Storage;

namespace Helix.Configuration;

/// <summary><c>GET /helix/v1/settings</c>, and <c>PUT</c> and <c>DELETE /helix/v1/settings/{path}</c>: the file is changed as by <c>helix config set</c> and <c>unset</c>.</summary>
internal sealed class SettingsEndpoints(HelixHome home, ConfigWatch watch, TimeProvider time)
{
    private const int MostBody = 1 << 16;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/helix/v1/settings", ListAsync);
        routes.MapPut("/helix/v1/settings/{path}", SetAsync);
        routes.MapDelete("/helix/v1/settings/{path}", context => ChangeAsync(context, static path => text => ConfigEdit.Unset(text, path)));
    }

    private Task ListAsync(HttpContext context)
    {
        var (config, inFile) = (watch.Current, InFile());
        return ApiAnswer.OkAsync(
            context, new SettingsReport(home.Config, watch.Problems, [.. SettingsTable.All.Select(setting => SettingDetails.Of(setting, config, inFile(setting.Path)))]), SettingJson.Default.SettingsReport);
    }

    private async Task SetAsync(HttpContext context)
    {
        var body = await ApiAnswer.BodyAsync(context, MostBody);
        SetSettingRequest? request = null;
        try
        {
            if (body is not null) request = JsonSerializer.Deserialize(body, SettingJson.Default.SetSettingRequest);
        }
        catch (JsonException)
        {
            // the same as any other body that says nothing
        }

        if (request is null) await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new("invalid", "The body names no value.", "Send {\"value\": \"60\"}: a text, as it is typed after \"helix config set\"."));
        else await ChangeAsync(context, path => text => ConfigEdit.Set(text, path, request.Value));
    }

    private async Task ChangeAsync(HttpContext context, Func<string, Func<string, EditOutcome>> edit)
    {
        var path = (string)context.Request.RouteValues["path"]!;
        if (SettingsTable.Find(path) is not { } setting)
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status404NotFound, new("not_found", $"There is no setting '{path}'.", SettingsTable.NearestTo(path) is { } near ? $"Did you mean {near}?" : "GET /helix/v1/settings tells all of them."));
            return;
        }

        await (await ConfigChange.ApplyAsync(home, path, edit(path), time, context.RequestAborted) switch
        {
            ChangeOutcome.Done => TellAsync(context, setting),
            ChangeOutcome.Invalid(var errors) => ApiAnswer.RefuseAsync(
                context, StatusCodes.Status400BadRequest,
                new("invalid", string.Join("; ", errors.Select(error => error.Path == path && error.Line is null ? error.What : error.ToString())), errors.All(error => error.Path == path) ? $"It must be {setting.Kind.Allowed}." : $"Mend {home.Config} first: helix config validate")),
            ChangeOutcome.Unreadable(var why) => ApiAnswer.RefuseAsync(context, StatusCodes.Status409Conflict, new("conflict", why, "Mend the file by hand.")),
            ChangeOutcome.Overtaken => ApiAnswer.RefuseAsync(context, StatusCodes.Status409Conflict, new("conflict", $"{home.Config} was changed by somebody else at this moment; nothing was written", "Try again.")),
            ChangeOutcome.Unwritable(var why) => ApiAnswer.RefuseAsync(context, StatusCodes.Status507InsufficientStorage, new("disk", $"{home.Config} cannot be written: {why}", "The file is as it was.")),
            _ => throw new InvalidOperationException("a change is made or it is not"),
        });
    }

    /// <summary>Whoever is told that it is set finds it set.</summary>
    private Task TellAsync(HttpContext context, Setting setting)
    {
        var report = watch.Reload();
        return report.Taken
            ? ApiAnswer.OkAsync(context, new SettingChanged(SettingDetails.Of(setting, watch.Current, InFile()(setting.Path)), ConfigChanges.Note(setting)), SettingJson.Default.SettingChanged)
            : ApiAnswer.RefuseAsync(context, StatusCodes.Status409Conflict, new("conflict", $"The file is written, and was not taken: {string.Join("; ", report.Errors)}", $"Mend {home.Config}."));
    }

    /// <summary>Whether a setting stands in the file.</summary>
    private Func<string, bool> InFile() => ConfigFile.Load(home.Config) is ConfigOutcome.Good(_, var document) ? path => document.At(path) is not null : static _ => false;
}
