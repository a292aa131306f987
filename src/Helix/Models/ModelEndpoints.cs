using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Channels;
using Helix.Access;
using Helix.Contracts;
using Helix.Core.Gateway;
using Helix.Core.Hardware;
using Helix.Core.Models;

namespace Helix.Models;

/// <summary><c>/helix/v1/models</c>: the library on disk.</summary>
internal static class ModelEndpoints
{
    private const int MaxBodyBytes = 1 << 16;

    public static Task List(HttpContext context, ModelLibrary library)
    {
        var snapshot = library.Current;
        var problems = snapshot.Problems.Select(problem => new ModelProblemReport(problem.File, problem.Reason, problem.Remedy)).ToArray();
        return ApiAnswer.OkAsync(context, new ModelList([.. snapshot.Models.Select(ReportOf)], problems), ApiJson.Default.ModelList);
    }

    /// <summary>The models that helix knows by name, and whether they would fit.</summary>
    public static Task Catalog(HttpContext context, ModelCatalog catalog, ModelLibrary library, HardwareFacts hardware)
    {
        var (budget, known) = (Core.Planning.ModelChoice.Budget(hardware), library.Current.Models.Select(model => model.Id).ToHashSet(StringComparer.Ordinal));
        return ApiAnswer.OkAsync(context, new CatalogList([.. catalog.Entries.Select(entry => new CatalogModel(
            entry.Id, entry.Role, entry.License, entry.Bytes, entry.Billions, entry.Context, entry.NeedBytes, known.Contains(entry.Id), entry.NeedBytes <= budget,
            $"it needs {ByteCount.Words(entry.NeedBytes)} for itself and one conversation; models may use {ByteCount.Words(budget)} of this machine's memory",
            [.. (entry.Variants ?? []).Select(variant => variant.Format).Prepend("gguf")]))]), ApiJson.Default.CatalogList);
    }

    /// <param name="served">Completes when a model of this id can be asked for.</param>
    public static async Task Add(HttpContext context, ModelLibrary library, Func<string, CancellationToken, Task> served)
    {
        if (await ReadAsync(context, ApiJson.Default.AddModelRequest) is not { } request) return;
        switch (await library.AddAsync(request.Path, request.Name, request.Move, context.RequestAborted))
        {
            case LibraryOutcome.Added(var model, _):
                await served(model.Id, context.RequestAborted);
                await ApiAnswer.OkAsync(context, ReportOf(model), ApiJson.Default.ModelReport);
                break;
            case LibraryOutcome.Refused refused: await RefuseAsync(context, refused); break;
        }
    }

    /// <summary>What other programs have. A POST, for it reads a good part of the disk.</summary>
    public static async Task Find(HttpContext context, ModelLibrary library, ForeignSearch search)
    {
        var found = await search.FindAsync(context.RequestAborted);
        await ApiAnswer.OkAsync(
            context,
            new FoundModelList(
                [.. found.Models.Select(model => new FoundModelReport(model.Name, model.Program, model.Format.Word(), model.Bytes, model.Path, model.In(library.Current)?.Id))],
                [.. found.LeftOut.Select(left => new LeftOutReport(left.Name, left.Path, left.Reason))]),
            ApiJson.Default.FoundModelList);
    }

    /// <summary>Takes only what a search finds: a caller cannot name any other file.</summary>
    public static async Task Import(HttpContext context, ModelLibrary library, ForeignSearch search, Func<string, CancellationToken, Task> served)
    {
        if (await ReadAsync(context, ApiJson.Default.ImportModelRequest) is not { } request) return;
        var found = await search.FindAsync(context.RequestAborted);
        var outcome = found.Named(request.Name) switch
        {
            [var one] => await library.ImportAsync(one, context.RequestAborted),
            [] when found.LeftOut.FirstOrDefault(left => left.Name == request.Name) is { } left => new LibraryOutcome.Refused("invalid", $"{left.Name} cannot be taken: {left.Reason}", left.Path),
            [] => new LibraryOutcome.Refused("not_found", $"no program on this machine has a model {request.Name}", "helix models import shows what there is."),
            var several => new LibraryOutcome.Refused("invalid", $"several programs have a model {request.Name}: {string.Join(", ", several.Select(model => model.Name))}", "Give one of these names."),
        };
        switch (outcome)
        {
            case LibraryOutcome.Added(var model, _):
                await served(model.Id, context.RequestAborted);
                await ApiAnswer.OkAsync(context, ReportOf(model), ApiJson.Default.ModelReport);
                break;
            case LibraryOutcome.Refused refused: await RefuseAsync(context, refused); break;
        }
    }

    public static async Task Remove(HttpContext context, ModelLibrary library)
    {
        var force = context.Request.Query["force"] == "true";
        switch (await library.RemoveAsync((string)context.Request.RouteValues["id"]!, force, context.RequestAborted))
        {
            case LibraryOutcome.Removed(var message): await ApiAnswer.OkAsync(context, new Done(message), ApiJson.Default.Done); break;
            case LibraryOutcome.Refused refused: await RefuseAsync(context, refused); break;
        }
    }

    /// <summary>One JSON object a line, the last one done or failed. The download ends when the client goes; what has arrived is kept.</summary>
    public static async Task Pull(HttpContext context, ModelPulls pulls, Func<string, CancellationToken, Task> served)
    {
        if (await ReadAsync(context, ApiJson.Default.PullModelRequest) is not { } request) return;
        context.Response.ContentType = "application/x-ndjson";
        context.Response.Headers.CacheControl = "no-store";

        // a slow reader sees the newest progress, not a backlog of old ones
        var events = Channel.CreateBounded<PullEvent>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        var pull = Finish(pulls.PullAsync(request.Source, request.Name, happened => events.Writer.TryWrite(happened), context.RequestAborted, request.Weights), events.Writer, id => served(id, context.RequestAborted));
        await foreach (var happened in events.Reader.ReadAllAsync(context.RequestAborted)) await WriteAsync(context, happened);
        await WriteAsync(context, await pull);
    }

    public static ModelReport ReportOf(LibraryModel model) => new(
        model.Id, model.Path, model.Bytes, model.Sha256, model.Facts.Architecture, model.Facts.Quantization, model.Facts.Parameters, model.Facts.ContextTokens,
        model.Facts.ChatTemplate, [.. ModelStates.Abilities(model.Abilities)], model.Source, model.Added, model.Format.Word());

    private static async Task<PullEvent> Finish(Task<LibraryOutcome> pull, ChannelWriter<PullEvent> events, Func<string, Task> served)
    {
        try
        {
            var outcome = await pull;
            if (outcome is LibraryOutcome.Added(var added, _)) await served(added.Id);
            return outcome switch
            {
                LibraryOutcome.Added(var model, var note) => new PullEvent("done", note, model.Bytes, model.Bytes, null, ReportOf(model), null),
                LibraryOutcome.Refused(var code, var reason, var remedy) => new PullEvent("failed", null, 0, null, null, null, new ApiError(code, reason, remedy)),
                _ => throw new InvalidOperationException("a pull adds a model or is refused"),
            };
        }
        finally
        {
            events.Complete();
        }
    }

    private static async Task WriteAsync(HttpContext context, PullEvent happened)
    {
        await JsonSerializer.SerializeAsync(context.Response.Body, happened, ApiJson.Default.PullEvent, context.RequestAborted);
        await context.Response.Body.WriteAsync("\n"u8.ToArray(), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    /// <returns>Null when the refusal was already sent.</returns>
    private static async Task<T?> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type) where T : class
    {
        if (await ApiAnswer.BodyAsync(context, MaxBodyBytes) is not { } body)
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, new ApiError("invalid", "the body is too large", $"A path or an address fits into {MaxBodyBytes >> 10} KiB."));
            return null;
        }

        try
        {
            if (JsonSerializer.Deserialize(body, type) is { } request) return request;
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new ApiError("invalid", "the body is null", "Send a JSON object."));
        }
        catch (JsonException wrong)
        {
            await ApiAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, new ApiError("invalid", $"the body is not what is wanted here: {wrong.Message}", "Send a JSON object with the documented fields."));
        }

        return null;
    }

    private static Task RefuseAsync(HttpContext context, LibraryOutcome.Refused refused) => ApiAnswer.RefuseAsync(
        context,
        refused.Code switch
        {
            "not_found" => StatusCodes.Status404NotFound,
            "conflict" => StatusCodes.Status409Conflict,
            "no_space" => StatusCodes.Status507InsufficientStorage,
            "disk" => StatusCodes.Status500InternalServerError,
            _ => StatusCodes.Status400BadRequest,
        },
        new ApiError(refused.Code, refused.Reason, refused.Remedy));
}
