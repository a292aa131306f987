using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Core.Gateway.Dialects;
using Helix.Core.Models;
using Helix.Fleet;
using Helix.Models;
using Microsoft.AspNetCore.Http.Features;

namespace Helix.Gateway;

/// <summary>Everything under <c>/api</c>: what Ollama's clients ask.</summary>
/// <param name="library">What is on disk; null where there is no library.</param>
internal sealed class OllamaRoutes(InferenceEndpoint inference, OllamaPull pull, IFleetView fleet, Aliases aliases, ModelLibrary? library)
{
    /// <summary>The version of Ollama whose API this follows: its clients ask before they use what older ones did not have.</summary>
    public const string Version = "0.12.0";

    private const int MostBody = 1 << 20;

    /// <param name="key">Name of the key that the request came with; empty for none.</param>
    /// <param name="isAdmin">It may use helix's own API.</param>
    public ValueTask ServeAsync(HttpContext context, string key, bool isAdmin) => (context.Request.Path.Value, context.Request.Method) switch
    {
        ("/api/chat", "POST") => inference.ServeAsync(context, InferenceRoute.Chat, key, OllamaDialect.Chat),
        ("/api/generate", "POST") => inference.ServeAsync(context, InferenceRoute.Chat, key, OllamaDialect.Generate),
        ("/api/embed", "POST") => inference.ServeAsync(context, InferenceRoute.Embeddings, key, OllamaDialect.Embed),
        ("/api/embeddings", "POST") => inference.ServeAsync(context, InferenceRoute.Embeddings, key, OllamaDialect.EmbedOne),
        _ => new(AnswerAsync(context, isAdmin)),
    };

    /// <summary>What no model has to answer.</summary>
    private Task AnswerAsync(HttpContext context, bool isAdmin) => (context.Request.Path.Value, context.Request.Method) switch
    {
        ("/api/tags", "GET" or "HEAD") => TellAsync(context, json => Write(json, _ => true, WriteTag)),
        ("/api/ps", "GET" or "HEAD") => TellAsync(context, json => Write(json, model => !model.Backends.IsEmpty, WriteRunning)),
        ("/api/version", "GET" or "HEAD") => TellAsync(context, json => json.WriteString("version"u8, Version)),
        ("/api/show", "POST") => ShowAsync(context),
        ("/api/pull", "POST") => PullAsync(context, isAdmin),
        ("/api/chat" or "/api/generate" or "/api/embed" or "/api/embeddings" or "/api/show" or "/api/pull", _) => RefuseAsync(context, 405, "This path takes POST only."),
        ("/api/tags" or "/api/ps" or "/api/version", _) => RefuseAsync(context, 405, "This path takes GET only."),
        _ => RefuseAsync(context, 404, "There is nothing at this path. Of Ollama's API, helix serves chat, generate, embed, embeddings, tags, show, ps, pull and version; `helix models remove` removes models."),
    };

    private async Task ShowAsync(HttpContext context)
    {
        if (await AskedAsync(context) is not var (name, _)) return;
        if (Find(name) is { } found) await TellAsync(context, json => WriteCard(json, found));
        else await RefuseAsync(context, 404, Routing.Unknown(fleet.Current.Models, name).Message);
    }

    private async Task PullAsync(HttpContext context, bool isAdmin)
    {
        if (await AskedAsync(context) is var (name, streams)) await pull.ServeAsync(context, name, streams, isAdmin);
    }

    /// <summary>Reads what a request about a model says.</summary>
    /// <returns>Null where it was refused.</returns>
    private static async Task<(string Name, bool Streams)?> AskedAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature) feature.MaxRequestBodySize = MostBody;
        using var body = await RequestBody.ReadAsync(context);

        try
        {
            using var document = Fields.Parse(body.Bytes);
            var name = document.RootElement.Text("model", "model") is { Length: > 0 } model ? model : document.RootElement.Text("name", "name") is { Length: > 0 } older ? older : throw DialectFault.Missing("model", "the name of a model");
            return (name, document.RootElement.Flag("stream", "stream") ?? true);
        }
        catch (InvalidOperationException)
        {
            await RefuseAsync(context, 400, DialectFault.HalfCharacter().Error.Message);
            return null;
        }
        catch (DialectFault fault)
        {
            await RefuseAsync(context, fault.Error.Status, fault.Error.Message);
            return null;
        }
    }

    private void Write(Utf8JsonWriter json, Func<ServedModel, bool> which, Action<Utf8JsonWriter, ServedModel> write)
    {
        json.WriteStartArray("models"u8);
        foreach (var (id, _, model) in aliases.All(fleet.Current).Where(each => which(each.Model)))
        {
            json.WriteStartObject();
            // its clients look a name up with its tag
            var name = id.Contains(':', StringComparison.Ordinal) ? id : id + Routing.Latest;
            json.WriteString("name"u8, name);
            json.WriteString("model"u8, name);
            write(json, model);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteTag(Utf8JsonWriter json, ServedModel model)
    {
        var its = Of(model);
        json.WriteString("modified_at"u8, model.Added);
        json.WriteNumber("size"u8, its?.Bytes ?? 0);
        // its clients show the first half of it, and cut it without a look
        json.WriteString("digest"u8, its?.Sha256 ?? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(model.Id))));
        WriteDetails(json, its);
    }

    private void WriteRunning(Utf8JsonWriter json, ServedModel model)
    {
        WriteTag(json, model);
        // it stays as long as there is room for it
        json.WriteString("expires_at"u8, DateTimeOffset.MaxValue);
        json.WriteNumber("context_length"u8, model.ContextTokens);
    }

    private void WriteCard(Utf8JsonWriter json, ServedModel model)
    {
        var its = Of(model);
        json.WriteString("modified_at"u8, model.Added);
        if (its?.Facts.License is { } licence) json.WriteString("license"u8, licence);
        json.WriteString("template"u8, its?.Facts.ChatTemplate ?? "");
        WriteDetails(json, its);
        json.WriteStartObject("model_info"u8);
        if (its is not null)
        {
            json.WriteString("general.architecture"u8, its.Facts.Architecture);
            json.WriteNumber("general.parameter_count"u8, its.Facts.Parameters);
            json.WriteNumber($"{its.Facts.Architecture}.context_length", its.Facts.ContextTokens);
            json.WriteNumber($"{its.Facts.Architecture}.embedding_length", its.Facts.EmbeddingLength);
        }

        json.WriteEndObject();
        json.WriteStartArray("capabilities"u8);
        if ((model.Abilities & (ModelAbilities.Chat | ModelAbilities.Completion)) != ModelAbilities.None) json.WriteStringValue("completion"u8);
        if (model.Backends.Any(backend => backend.Abilities.HasFlag(ModelAbilities.Tools))) json.WriteStringValue("tools"u8);
        if (model.Abilities == ModelAbilities.Embeddings) json.WriteStringValue("embedding"u8);
        json.WriteEndArray();
    }

    private static void WriteDetails(Utf8JsonWriter json, LibraryModel? model)
    {
        json.WriteStartObject("details"u8);
        json.WriteString("parent_model"u8, ""u8);
        json.WriteString("format"u8, model?.Format.Word() ?? "");
        json.WriteString("family"u8, model?.Facts.Architecture ?? "");
        json.WriteStartArray("families"u8);
        if (model is not null) json.WriteStringValue(model.Facts.Architecture);
        json.WriteEndArray();
        json.WriteString("parameter_size"u8, model is null ? "" : ParameterWords.Of(model.Facts.Parameters));
        json.WriteString("quantization_level"u8, model?.Facts.Quantization ?? "");
        json.WriteEndObject();
    }

    private ServedModel? Find(string name)
    {
        var plain = name.EndsWith(Routing.Latest, StringComparison.Ordinal) ? name[..^Routing.Latest.Length] : name;
        var all = aliases.All(fleet.Current).ToArray();
        return ((string[])[name, plain, plain.Replace(':', '-')]).Select(each => all.FirstOrDefault(known => known.Name == each).Model).FirstOrDefault(found => found is not null);
    }

    private LibraryModel? Of(ServedModel model) => library?.Current.Models.FirstOrDefault(its => its.Id == model.Id);

    private static async Task TellAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        var bytes = DialectJson.Object(write);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.BodyWriter.WriteAsync(bytes);
    }

    private static Task RefuseAsync(HttpContext context, int status, string message) =>
        ErrorResponse.WriteAsync(context, new GatewayError(status, "refused", message), OllamaDialect.Chat);
}
