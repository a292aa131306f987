using System.Text.Json.Nodes;

namespace Helix.StandIn.Serving;

/// <summary>Why a request is refused, before it gets a pose's own shape.</summary>
internal enum Trouble
{
    BadRequest,
    UnknownModel,
    TooLong,
    NotReady,
    Broken,
}

/// <summary>When a stream tells how many tokens there were.</summary>
internal enum StreamUsage
{
    WhenAsked,
    Never,
    Always,
}

/// <summary>In what the OpenAI dialect differs from one server to the next.</summary>
internal sealed record Manners
{
    /// <summary>Names of the models that it answers for now, the default first.</summary>
    public required Func<IReadOnlyList<string>> Models { get; init; }

    /// <summary>Sends the refusal in the server's own shape.</summary>
    public required Func<Call, Trouble, string, Task> Refuse { get; init; }

    /// <summary>False: any model name is answered by what is loaded.</summary>
    public bool ChecksModel { get; init; }

    public StreamUsage StreamUsage { get; init; }

    /// <summary>Tokens of prompt and answer together; null: no limit.</summary>
    public int? Context { get; init; }

    /// <summary>Response formats that it refuses.</summary>
    public IReadOnlyList<string> RefusedFormats { get; init; } = [];

    /// <summary>False: the member stream is read and forgotten.</summary>
    public bool Streams { get; init; } = true;

    /// <summary>It knows tools. False: they are read and forgotten.</summary>
    public bool Tools { get; init; }

    public string? Fingerprint { get; init; }

    /// <summary>Reads out of a chat's body what it is to go on from; null where it begins each answer.</summary>
    public Func<JsonObject, string?>? Begun { get; init; }

    /// <summary>Adds what only this server's usage has.</summary>
    public Action<JsonObject>? Usage { get; init; }

    /// <summary>Adds what only this server's whole answers have.</summary>
    public Action<JsonObject>? Whole { get; init; }

    /// <summary>Where the words come from; null: from this process.</summary>
    public Func<Ask, string, CancellationToken, Task<string>>? Speaker { get; init; }

    /// <summary>Called before an answer is made: a server that loads late loads here. A message: it could not.</summary>
    public Func<string, Task<string?>>? Prepare { get; init; }
}
