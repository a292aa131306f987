using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Helix.Core.Connect;

/// <summary>The tools that helix knows to set up, by their own documentation and sources.</summary>
internal static class ConnectTools
{
    /// <summary>Under which helix stands among a tool's providers and models.</summary>
    private const string Own = "helix";

    public static ImmutableArray<ConnectTool> All { get; } = [ClaudeCode(), Codex(), Continue(), Aider(), OpenWebUi(), VisualStudioCode(), Zed()];

    public static ConnectTool? Find(string id) => All.FirstOrDefault(tool => tool.Id == id);

    /// <remarks>Requests of every tier go to the one model: the names that it asks for by itself are Anthropic's own.</remarks>
    private static ConnectTool ClaudeCode() => new("claude-code", "Claude Code", ToolDialect.Messages, ["claude"])
    {
        Format = SettingsFormat.Json,
        File = places => Path.Combine(places.Of("CLAUDE_CONFIG_DIR", ".claude"), "settings.json"),
        Settings = (values, _) =>
        [
            Word("env", "ANTHROPIC_BASE_URL", values.Address),
            Word("env", "ANTHROPIC_AUTH_TOKEN", values.Key),
            Word("env", "ANTHROPIC_MODEL", values.Model),
            Word("env", "ANTHROPIC_DEFAULT_OPUS_MODEL", values.Model),
            Word("env", "ANTHROPIC_DEFAULT_SONNET_MODEL", values.Model),
            Word("env", "ANTHROPIC_DEFAULT_HAIKU_MODEL", values.Model),
        ],
        AsksWithTools = true,
        Note = "Start Claude Code anew; /status there shows the address. Settings of a project go before these, and so does a key in ANTHROPIC_API_KEY.",
    };

    private static ConnectTool Codex() => new("codex", "Codex", ToolDialect.Responses, ["codex"])
    {
        Format = SettingsFormat.Toml,
        File = places => Path.Combine(places.Of("CODEX_HOME", ".codex"), "config.toml"),
        Settings = (values, _) =>
        [
            Word("model", values.Model),
            Word("model_provider", Own),
            new(["model_providers", Own], new JsonObject
            {
                ["name"] = Own,
                ["base_url"] = values.OpenAiAddress,
                ["wire_api"] = "responses",
                ["experimental_bearer_token"] = values.Key,
            }),
        ],
        AsksWithTools = true,
        Note = "Start Codex anew. It warns that it has no metadata of the model; that does no harm.",
    };

    /// <remarks>The first model of a role is the one that Continue takes.</remarks>
    private static ConnectTool Continue() => new("continue", "Continue", ToolDialect.Chat, ["cn"])
    {
        Format = SettingsFormat.Yaml,
        File = places => Path.Combine(places.Of("CONTINUE_GLOBAL_DIR", ".continue"), "config.yaml"),
        Older = "config.json",
        Settings = (values, isNew) =>
        [
            .. isNew ? [Word("name", "Local"), Word("version", "1.0.0"), Word("schema", "v1")] : Array.Empty<ToolSetting>(),
            new(["models", ToolSetting.Item], new JsonObject
            {
                ["name"] = Own,
                ["provider"] = "openai",
                ["model"] = values.Model,
                ["apiBase"] = values.OpenAiAddress,
                ["apiKey"] = values.Key,
                ["roles"] = new JsonArray("chat", "edit", "apply"),
            }),
        ],
        Note = "Continue reads the file when it is saved; helix is the first of its models there.",
    };

    private static ConnectTool Aider() => new("aider", "aider", ToolDialect.Chat, ["aider"])
    {
        Format = SettingsFormat.Yaml,
        File = places => Path.Combine(places.Home, ".aider.conf.yml"),
        Trace = places => Path.Combine(places.Home, ".aider"),
        Settings = (values, _) =>
        [
            Word("model", $"openai/{values.Model}"),
            Word("openai-api-base", values.OpenAiAddress),
            Word("openai-api-key", values.Key),
        ],
        Note = "A .aider.conf.yml in the folder or in its repository goes before this one. aider warns that it does not know the model; that does no harm.",
    };

    private static ConnectTool OpenWebUi() => new("open-webui", "Open WebUI", ToolDialect.Chat, ["open-webui"])
    {
        Variables = values => [("OPENAI_API_BASE_URL", values.OpenAiAddress), ("OPENAI_API_KEY", values.Key)],
        Note = "Open WebUI has no file for this. It takes both from its environment when it starts for the first time; later they stand in its admin settings under Connections. In a container, 127.0.0.1 is the container itself: run it with --network host.",
    };

    private static ConnectTool VisualStudioCode() => new("vscode", "VS Code", ToolDialect.Chat, ["code"])
    {
        Format = SettingsFormat.Json,
        File = places => Path.Combine(places.IsMac ? Path.Combine(places.Home, "Library", "Application Support") : places.Config, "Code", "User", "chatLanguageModels.json"),
        Settings = (values, _) =>
        [
            new([ToolSetting.Item], new JsonObject
            {
                ["name"] = Own,
                ["vendor"] = "customendpoint",
                ["apiKey"] = values.Key,
                ["apiType"] = "chat-completions",
                ["models"] = new JsonArray(new JsonObject
                {
                    ["id"] = values.Model,
                    ["name"] = $"{Own}: {values.Model}",
                    ["url"] = $"{values.OpenAiAddress}/chat/completions",
                    ["toolCalling"] = true,
                    ["vision"] = false,
                    ["maxInputTokens"] = values.ContextTokens - AnswerTokens(values),
                    ["maxOutputTokens"] = AnswerTokens(values),
                }),
            }),
        ],
        AsksWithTools = true,
        Note = "VS Code 1.122 or newer reads this for its own chat, in the default profile; choose the model in the chat's picker.",
    };

    private static ConnectTool Zed() => new("zed", "Zed", ToolDialect.Chat, ["zed", "zeditor"])
    {
        Format = SettingsFormat.Json,
        File = places => Path.Combine(places.IsMac ? Path.Combine(places.Home, ".config") : places.Config, "zed", "settings.json"),
        Settings = (values, _) =>
        [
            new(["language_models", "openai_compatible", Own], new JsonObject
            {
                ["api_url"] = values.OpenAiAddress,
                ["available_models"] = new JsonArray(new JsonObject
                {
                    ["name"] = values.Model,
                    ["display_name"] = $"{Own}: {values.Model}",
                    ["max_tokens"] = values.ContextTokens,
                }),
            }),
        ],
        Variables = values => [("HELIX_API_KEY", values.Key)],
        AsksWithTools = true,
        Note = "Zed keeps keys in the system's keychain and never in its file: start it with the variable, or enter the key under LLM Providers in its settings. Then choose the model in its agent panel.",
    };

    private static ToolSetting Word(string key, string value) => new([key], JsonValue.Create(value)!);

    private static ToolSetting Word(string section, string key, string value) => new([section, key], JsonValue.Create(value)!);

    /// <summary>What is left of a context for the answer.</summary>
    private static int AnswerTokens(ToolValues values) => Math.Min(4096, values.ContextTokens / 4);
}
