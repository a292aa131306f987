using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Helix.Contracts;
using Helix.Core.Access;
using Helix.Storage;

namespace Helix.Access;

/// <summary><c>/helix/v1/keys</c>: list, create, revoke.</summary>
internal sealed class KeyEndpoints(KeyRing keys, TimeProvider time)
{
    private const string Shape = "Send {\"name\": \"…\", \"scopes\": [\"infer\"]}.";

    private static readonly SearchValues<char> s_nameLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    public Task ListAsync(HttpContext context) => ApiAnswer.OkAsync(context, new KeyList([.. keys.All().Select(Report)]), ApiJson.Default.KeyList);

    public async Task CreateAsync(HttpContext context)
    {
        var (request, problem) = await ReadAsync(context);
        if (request is null)
        {
            await ApiAnswer.RefuseAsync(context, 400, problem!);
            return;
        }

        var key = ApiKey.From(RandomNumberGenerator.GetBytes(32));
        var record = new KeyRecord(
            request.Name, KeyHash.Of(key), key[..ApiKey.PrefixLength], KeyScopeNames.Parse(request.Scopes)!.Value, time.GetUtcNow(), null, request.Private, request.SemanticCache);
        await (await keys.AddAsync(record) switch
        {
            Stored<bool>.Ok(true) => ApiAnswer.OkAsync(context, new CreatedKey(key, Report(record)), ApiJson.Default.CreatedKey, 201),
            Stored<bool>.Failed failed => NotStoredAsync(context, failed),
            _ => ApiAnswer.RefuseAsync(context, 409, new("conflict", $"There is a key named '{request.Name}' already.", "Choose another name, or revoke the old key first.")),
        });
    }

    public async Task RevokeAsync(HttpContext context)
    {
        var name = (string)context.Request.RouteValues["name"]!;
        await (await keys.RemoveAsync(name) switch
        {
            Stored<bool>.Ok(true) => ApiAnswer.OkAsync(context, new Done($"The key '{name}' is revoked."), ApiJson.Default.Done),
            Stored<bool>.Failed failed => NotStoredAsync(context, failed),
            _ => ApiAnswer.RefuseAsync(context, 404, new("not_found", $"There is no key named '{name}'.", "`helix keys list` shows what there is.")),
        });
    }

    private static Task NotStoredAsync(HttpContext context, Stored<bool>.Failed failed) =>
        ApiAnswer.RefuseAsync(context, failed.Code == "no_space" ? 507 : 500, new(failed.Code, $"The change was not kept: {failed.Reason}.", failed.Remedy));

    private static KeyReport Report(KeyRecord record) => new(record.Name, record.Prefix, record.Scopes.Names(), record.Created, record.LastUsed, record.IsPrivate, record.ComparesMeaning);

    /// <returns>A request that can be fulfilled, or what is wrong with it.</returns>
    private static async Task<(CreateKeyRequest? Request, ApiError? Problem)> ReadAsync(HttpContext context)
    {
        try
        {
            var request = await JsonSerializer.DeserializeAsync(context.Request.Body, ApiJson.Default.CreateKeyRequest, context.RequestAborted);
            if (request is null) return (null, new("invalid", "The body is null.", Shape));
            return Problem(request) is { } problem ? (null, problem) : (request, null);
        }
        catch (JsonException wrong)
        {
            return (null, new("invalid", $"The body is not what is expected: {wrong.Message}", Shape));
        }
    }

    private static ApiError? Problem(CreateKeyRequest request)
    {
        if (request.Name.Length is 0 or > 64 || request.Name.AsSpan().ContainsAnyExcept(s_nameLetters) || !char.IsAsciiLetterOrDigit(request.Name[0]))
            return new("invalid", $"'{request.Name}' cannot be the name of a key.", "Use 1 to 64 letters, digits, '-', '_' or '.', the first a letter or digit.");
        return KeyScopeNames.Parse(request.Scopes) is null
            ? new("invalid", $"The scopes [{string.Join(", ", request.Scopes)}] are not known.", "Use one or several of infer, metrics and admin.")
            : null;
    }
}
