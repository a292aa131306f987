using System.Runtime.InteropServices;
using System.Text.Json;
using Helix.Core.Gateway;
using Helix.Core.Gateway.Dialects;

namespace Helix.Core.Clouds;

/// <summary>Reads from a request in Anthropic's words what decides what a cloud may charge for it at most.</summary>
internal static class MessagesQuestion
{
    /// <summary>For a tool that Anthropic describes to its models itself, in tokens: the computer, with what is said about it, takes about 1300.</summary>
    public const int ToolTokens = 2_000;

    /// <summary>Those whose costs are known: they cost nothing, or stand in the tokens.</summary>
    private static readonly string[] s_known =
    [
        "model", "messages", "system", "max_tokens", "stream", "stop_sequences", "temperature", "top_p", "top_k", "tools", "tool_choice", "thinking", "metadata", "output_config", "output_format",
        "cache_control", "context_management", "service_tier",
    ];

    private static readonly string[] s_blocks = ["text", "tool_use", "thinking", "redacted_thinking"];

    /// <summary>How the types of those tools begin that the client runs itself. All others run at the cloud, and cost besides.</summary>
    private static readonly string[] s_tools = ["bash_", "computer_2", "memory_", "text_editor_"];

    private static readonly string[] s_usualTiers = ["auto", "standard_only"];

    /// <param name="body">Looked at before, so that it is one JSON object.</param>
    public static CloudQuestion Of(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = BodyPeek.MaxDepth });
            return Read(document.RootElement, body.Length);
        }
        catch (InvalidOperationException)
        {
            return Unreadable(body, "half of a character");
        }
        catch (JsonException)
        {
            // arguments of a call that were put into it
            return Unreadable(body, "what is nested so deep");
        }
    }

    private static CloudQuestion Unreadable(ReadOnlyMemory<byte> body, string what) => new(body.Length + CloudQuestion.OverheadTokens, null, 1, SaysStreamOptions: true, what);

    /// <exception cref="InvalidOperationException">A name, or what is compared with one, has half of a character in it.</exception>
    private static CloudQuestion Read(JsonElement root, int length)
    {
        var tally = new Tally();
        tally.Once(root);
        long? most = null;
        var thought = 0L;
        foreach (var member in root.EnumerateObject())
        {
            var (name, value) = (member.Name, member.Value);
            if (value.ValueKind == JsonValueKind.Null) continue;
            switch (name)
            {
                case "messages":
                    Messages(value, tally);
                    break;
                case "system":
                    Blocks(value, name, tally);
                    break;
                case "tools":
                    Tools(value, tally);
                    break;
                case "max_tokens":
                    most = Whole(value);
                    if (most is null) tally.Unknown ??= name;
                    break;
                case "thinking":
                    if (value.ValueKind == JsonValueKind.Object) tally.Once(value);
                    thought = value.Any("budget_tokens") is { } budget ? Whole(budget) ?? 0 : 0;
                    break;
                case "output_config" or "output_format":
                    // a schema is described to the model besides
                    tally.Extra += LengthOf(value);
                    break;
                case "cache_control":
                    tally.Cache(value);
                    break;
                case "context_management" when !OnlyClears(value):
                case "service_tier" when value.ValueKind != JsonValueKind.String || !s_usualTiers.Contains(value.GetString()):
                    tally.Unknown ??= name;
                    break;
                case var other when !s_known.Contains(other):
                    tally.Unknown ??= other;
                    break;
            }
        }

        // between the calls of tools a model may think for longer than one answer is
        var answer = most + (thought >= most ? thought : 0);
        return new(length - tally.Inline + tally.Pictures * CloudQuestion.PictureTokens + tally.Extra + CloudQuestion.OverheadTokens, answer, 1, SaysStreamOptions: true, CloudQuestion.Shown(tally.Unknown)) { PromptFactor = tally.Factor };
    }

    /// <summary>What was found while the request was read.</summary>
    private sealed class Tally
    {
        public long Pictures { get; set; }

        /// <summary>Bytes of pictures that stand in the request itself.</summary>
        public long Inline { get; set; }

        /// <summary>Tokens that are no bytes of it.</summary>
        public long Extra { get; set; }

        public decimal Factor { get; private set; } = 1;

        public string? Unknown { get; set; }

        /// <summary>It is to be put into the cache.</summary>
        public void Cache(JsonElement control)
        {
            if (control.ValueKind == JsonValueKind.Object) Once(control);
            var span = control.Any("ttl") is not { } told ? "5m" : told.ValueKind == JsonValueKind.String ? told.GetString() : null;
            switch (span)
            {
                case "5m": Factor = Math.Max(Factor, CloudPrice.Written); break;
                case "1h": Factor = CloudPrice.WrittenLong; break;
                default: Unknown ??= "cache_control"; break;
            }
        }

        /// <summary>Which of two members of one name a cloud takes is its own affair.</summary>
        public void Once(JsonElement value)
        {
            HashSet<string> names = new(StringComparer.Ordinal);
            foreach (var member in value.EnumerateObject())
                if (!names.Add(member.Name)) Unknown ??= member.Name;
        }
    }

    private static void Messages(JsonElement messages, Tally tally)
    {
        if (messages.ValueKind != JsonValueKind.Array)
        {
            tally.Unknown ??= "messages";
            return;
        }

        foreach (var message in messages.EnumerateArray())
        {
            if (message.ValueKind != JsonValueKind.Object) continue;
            tally.Once(message);
            if (message.Any("content") is { } content) Blocks(content, "content", tally);
        }
    }

    /// <param name="content">A text, or a list of blocks.</param>
    /// <param name="name">Of what holds it.</param>
    private static void Blocks(JsonElement content, string name, Tally tally)
    {
        if (content.ValueKind == JsonValueKind.String) return;
        if (content.ValueKind != JsonValueKind.Array)
        {
            tally.Unknown ??= name;
            return;
        }

        foreach (var block in content.EnumerateArray())
            if (block.ValueKind == JsonValueKind.Object) Block(block, tally);
    }

    private static void Block(JsonElement block, Tally tally)
    {
        tally.Once(block);
        if (block.Any("cache_control") is { } control) tally.Cache(control);
        switch (TypeOf(block))
        {
            case "image":
                Picture(block.Any("source") ?? default, tally);
                break;
            case "document":
                Document(block.Any("source") ?? default, tally);
                break;
            case "tool_result" or "search_result" or "mid_conv_system":
                if (block.Any("content") is { } content) Blocks(content, "content", tally);
                break;
            case var type when !s_blocks.Contains(type):
                tally.Unknown ??= type;
                break;
        }
    }

    /// <summary>Its bytes, or where they are; a file that the cloud keeps may be anything.</summary>
    private static void Picture(JsonElement source, Tally tally)
    {
        tally.Pictures++;
        if (source.ValueKind == JsonValueKind.Object) tally.Once(source);
        switch (TypeOf(source))
        {
            case "base64":
                if (source.Any("data") is { ValueKind: JsonValueKind.String } data) tally.Inline += LengthOf(data);
                break;
            case "url": break;
            case var type:
                tally.Unknown ??= type;
                break;
        }
    }

    /// <summary>Only what is text: nobody knows how many pages a file has, nor what stands on them.</summary>
    private static void Document(JsonElement source, Tally tally)
    {
        if (source.ValueKind == JsonValueKind.Object) tally.Once(source);
        switch (TypeOf(source))
        {
            case "text": break;
            case "content":
                if (source.Any("content") is { } content) Blocks(content, "content", tally);
                break;
            default:
                tally.Unknown ??= "document";
                break;
        }
    }

    private static void Tools(JsonElement tools, Tally tally)
    {
        if (tools.ValueKind != JsonValueKind.Array)
        {
            tally.Unknown ??= "tools";
            return;
        }

        foreach (var tool in tools.EnumerateArray())
        {
            if (tool.ValueKind != JsonValueKind.Object) continue;
            tally.Once(tool);
            if (tool.Any("cache_control") is { } control) tally.Cache(control);
            if (tool.Any("type") is null || TypeOf(tool) is "custom") continue;
            var type = TypeOf(tool);
            if (s_tools.Any(known => type.StartsWith(known, StringComparison.Ordinal))) tally.Extra += ToolTokens;
            else tally.Unknown ??= type;
        }
    }

    /// <summary>What makes a prompt shorter costs nothing; to have it summarized does.</summary>
    private static bool OnlyClears(JsonElement management) =>
        management.ValueKind == JsonValueKind.Object && management.EnumerateObject().All(member => member.Name == "edits" && member.Value.ValueKind == JsonValueKind.Array
            && member.Value.EnumerateArray().All(edit => TypeOf(edit).StartsWith("clear_", StringComparison.Ordinal)));

    /// <returns>What it is called where it does not say.</returns>
    private static string TypeOf(JsonElement value) => value.Any("type") is { ValueKind: JsonValueKind.String } type ? type.GetString()! : "type";

    private static int LengthOf(JsonElement value) => JsonMarshal.GetRawUtf8Value(value).Length;

    /// <returns>Null where it is no whole number above 0: a cloud may make any number it likes of that.</returns>
    private static long? Whole(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number > 0 ? Math.Min(number, int.MaxValue) : null;
}
