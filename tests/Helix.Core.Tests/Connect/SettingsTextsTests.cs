using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Helix.Core.Connect;

namespace Helix.Core.Tests.Connect;

/// <summary>What is set in the files of the tools that keep JSON or TOML, and what is left of it afterwards.</summary>
public sealed class SettingsTextsTests
{
    private static readonly ToolValues s_values = new("http://127.0.0.1:4359", KeyText.Sample, "auto", 8192);
    private static readonly JsonDocumentOptions s_loose = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private static readonly Gen<string> s_gap = Gen.OneOf("", " ", "\n", "\n  ", " // note\n  ", " /* note */ ", "\t", "\r\n  ");
    private static readonly Gen<string> s_scalar = Gen.OneOf("1", "-2.5e3", "true", "null", "\"a\"", "\"\\u00e9 \\\" }\"", "\"// none\"", "{}", "[]");

    private static readonly Gen<string> s_value = Gen.Recursive<string>((depth, value) => depth > 2
        ? s_scalar
        : Gen.Frequency((3, s_scalar), (1, Parts(value).Select(parts => $"[{parts}]")), (2, Parts(value).Select(parts => $"{{ \"v\": [{parts}] }}"))));

    /// <summary>An object as somebody may have written it, now and then with keys that helix sets too.</summary>
    private static readonly Gen<string> s_json =
        from head in s_gap
        from members in Gen.Select(s_gap, s_value, s_gap).Array[0, 4]
        from mine in Gen.OneOf("", "\"env\": { \"ANTHROPIC_MODEL\": \"opus\" }", "\"env\": {}", "\"env\": {\n    \"PATH\": \"/bin\" // note\n  }", "\"language_models\": {\n  }")
        from last in s_gap
        from tail in Gen.OneOf("", "\n", "\n// note\n")
        let all = members.Select((part, at) => $"\"k{at}\":{part.Item1}{part.Item2}{part.Item3}").Append(mine).Where(part => part.Length > 0)
        select $"{{{head}{string.Join(",", all)}{last}}}{tail}";

    private static readonly string[] s_pairs =
        ["model = \"gpt\" # note\n", "a.b = 1\n", "text = \"\"\"\nmodel = 1\n\"\"\"\n", "list = [\n  1, # note\n  '#',\n]\n", "map = { x = 1, y = [2] }\n"];

    private static readonly string[] s_tables =
        ["[mcp_servers.x]\ncommand = 'run'\n", "\n# note\n[[things]]\nname = \"[model]\"\n", "[model_providers.mine]\nbase_url = \"http://x\"\n", "[\"a b\".c]\nd = 2026-01-01 10:00:00\n"];

    private static readonly Gen<string> s_toml =
        from head in Gen.OneOf("", "# note\n", "\n\n")
        from root in Gen.Shuffle(s_pairs, 0, s_pairs.Length)
        from tables in Gen.Shuffle(s_tables, 0, s_tables.Length)
        from windows in Gen.Bool
        from cut in Gen.Bool
        let text = head + string.Concat(root) + string.Concat(tables)
        let whole = cut ? text.TrimEnd('\n') : text
        select windows ? whole.Replace("\n", "\r\n", StringComparison.Ordinal) : whole;

    private static readonly string[] s_tools = [.. ConnectTools.All.Where(tool => tool.Format is SettingsFormat.Json or SettingsFormat.Toml).Select(tool => tool.Id)];

    private static readonly Gen<string> s_anything = Gen.OneOf(
        Gen.String,
        Gen.OneOf("{", "}", "[", "]", "\"", "'", "\\", ",", ":", "=", ".", "#", "//", "/*", "\n", "a", "1", " ", "\"\"\"", "env").Array[0, 12].Select(parts => string.Concat(parts)));

    public static TheoryData<string> Tools => [.. s_tools];

    [Theory]
    [InlineData("claude-code", """
        {
          "env": {
            "ANTHROPIC_BASE_URL": "http://127.0.0.1:4359",
            "ANTHROPIC_AUTH_TOKEN": "hx_…",
            "ANTHROPIC_MODEL": "auto",
            "ANTHROPIC_DEFAULT_OPUS_MODEL": "auto",
            "ANTHROPIC_DEFAULT_SONNET_MODEL": "auto",
            "ANTHROPIC_DEFAULT_HAIKU_MODEL": "auto"
          }
        }

        """)]
    [InlineData("codex", """
        model = "auto"
        model_provider = "helix"

        [model_providers.helix]
        name = "helix"
        base_url = "http://127.0.0.1:4359/v1"
        wire_api = "responses"
        experimental_bearer_token = "hx_…"

        """)]
    [InlineData("zed", """
        {
          "language_models": {
            "openai_compatible": {
              "helix": {
                "api_url": "http://127.0.0.1:4359/v1",
                "available_models": [
                  {
                    "name": "auto",
                    "display_name": "helix: auto",
                    "max_tokens": 8192
                  }
                ]
              }
            }
          }
        }

        """)]
    [InlineData("vscode", """
        [
          {
            "name": "helix",
            "vendor": "customendpoint",
            "apiKey": "hx_…",
            "apiType": "chat-completions",
            "models": [
              {
                "id": "auto",
                "name": "helix: auto",
                "url": "http://127.0.0.1:4359/v1/chat/completions",
                "toolCalling": true,
                "vision": false,
                "maxInputTokens": 6144,
                "maxOutputTokens": 2048
              }
            ]
          }
        ]

        """)]
    public void A_new_file_has_all_that_the_tool_needs_and_goes_again(string id, string expected)
    {
        var text = Set(id, "");

        Assert.Equal(expected, KeyText.Mask(text));
        Assert.Null(Undo(id, text, null).Text);
        Assert.Equal("", Undo(id, text, "").Text);
    }

    [Fact]
    public void What_else_stands_in_an_object_stays_with_its_comments_and_its_order()
    {
        const string Before = """
            // mine
            {
              /* first */
              "permissions": { "allow": ["Bash(ls:*)"] }, // why
              "env": {
                // a path
                "PATH": "/bin",
                "ANTHROPIC_MODEL": "opus"
              },
              "model": "opus",
            }

            """;

        var text = Set("claude-code", Before);

        Assert.Equal("""
            // mine
            {
              /* first */
              "permissions": { "allow": ["Bash(ls:*)"] }, // why
              "env": {
                "ANTHROPIC_BASE_URL": "http://127.0.0.1:4359",
                "ANTHROPIC_AUTH_TOKEN": "hx_…",
                "ANTHROPIC_DEFAULT_OPUS_MODEL": "auto",
                "ANTHROPIC_DEFAULT_SONNET_MODEL": "auto",
                "ANTHROPIC_DEFAULT_HAIKU_MODEL": "auto",
                // a path
                "PATH": "/bin",
                "ANTHROPIC_MODEL": "auto"
              },
              "model": "opus",
            }

            """, KeyText.Mask(text));
        Assert.Equal(Before, Undo("claude-code", text, Before).Text);
        // somebody adds a line of their own meanwhile
        Assert.Equal(Before.Replace("// a path", "\"HOME\": \"/root\", // a path", StringComparison.Ordinal), Undo("claude-code", text.Replace("// a path", "\"HOME\": \"/root\", // a path", StringComparison.Ordinal), Before).Text);
    }

    [Fact]
    public void A_file_that_the_tool_itself_went_on_writing_keeps_what_it_wrote()
    {
        var text = Set("claude-code", "").TrimEnd()[..^1].TrimEnd() + ",\n  \"permissions\": {}\n}\n";

        Assert.Equal("{\n  \"permissions\": {}\n}\n", Undo("claude-code", text, null).Text);
    }

    [Fact]
    public void A_value_that_somebody_changed_since_stays_and_is_named()
    {
        const string Before = "model = \"gpt\" # mine\n\n[mcp_servers.x]\ncommand = \"run\"\n";
        var text = Set("codex", Before);

        var undone = Undo("codex", text.Replace("model = \"auto\"", "model = \"qwen3-8b\"", StringComparison.Ordinal), Before);

        Assert.Equal("model = \"qwen3-8b\" # mine\n\n[mcp_servers.x]\ncommand = \"run\"\n", undone.Text);
        Assert.Equal(["model"], undone.Left.Select(left => left.ToString()));
        Assert.Equal(Before + "\n[projects.\"/x\"]\ntrust_level = \"trusted\"\n", Undo("codex", text + "\n[projects.\"/x\"]\ntrust_level = \"trusted\"\n", Before).Text);
    }

    [Fact]
    public void An_element_of_the_same_name_is_replaced_and_comes_back()
    {
        const string Before = "[\n\t{\n\t\t\"name\": \"mine\"\n\t},\n\t{ \"name\": \"helix\", \"vendor\": \"x\" }\n]\n";
        var text = Set("vscode", Before);

        Assert.Equal(2, JsonNode.Parse(text)!.AsArray().Count);
        Assert.Contains("\t\t\"vendor\": \"customendpoint\",\n", text, StringComparison.Ordinal);
        Assert.Equal(Before.Replace("mine", "yours", StringComparison.Ordinal), Undo("vscode", text.Replace("mine", "yours", StringComparison.Ordinal), Before).Text);
    }

    [Theory]
    [MemberData(nameof(Tools))]
    public void What_is_set_already_changes_no_byte(string id)
    {
        var text = Set(id, "");

        Assert.Equal(text, Set(id, text));
    }

    [Theory]
    [InlineData("claude-code", "{\n  \"env\": {\n", "line 3", "JSON")]
    [InlineData("claude-code", "{ \"a\": 1 \"b\": 2 }", "line 1", "comma")]
    [InlineData("claude-code", "{ \"a\": maybe }", "line 1", "value")]
    [InlineData("claude-code", "{} /* open", "line 1", "comment")]
    [InlineData("claude-code", "[]", "object", "whole")]
    [InlineData("claude-code", "{ \"env\": null }", "object", "env")]
    [InlineData("vscode", "{}", "list", "whole")]
    [InlineData("zed", "{ \"language_models\": [] }", "object", "language_models")]
    [InlineData("codex", "model = \"auto\n", "line 1", "TOML")]
    [InlineData("codex", "a = 1\nb =\n", "line 2", "value")]
    [InlineData("codex", "[a\n", "line 1", "]")]
    [InlineData("codex", "a = [1 2\n", "line", "missing")]
    [InlineData("codex", "model_providers = { mine = { name = 'x' } }\n", "model_providers.helix", "does not edit")]
    [InlineData("codex", "[model_providers.helix.auth]\ncommand = 'x'\n", "model_providers.helix", "does not edit")]
    [InlineData("codex", "[model]\nx = 1\n", "model", "does not edit")]
    public void What_cannot_be_read_or_edited_is_refused_with_a_reason(string id, string text, string word, string other)
    {
        var refused = Assert.IsType<SettingsOutcome.Refused>(SettingsEdit.Set(Format(id), text, Settings(id)));

        Assert.Contains(word, refused.Why, StringComparison.Ordinal);
        Assert.Contains(other, refused.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_nesting_is_refused_and_no_stack_is_used_up()
    {
        Assert.IsType<SettingsOutcome.Refused>(SettingsEdit.Set(Format("vscode"), new string('[', 100_000), Settings("vscode")));
        Assert.IsType<SettingsOutcome.Refused>(SettingsEdit.Set(Format("codex"), "a = " + new string('[', 100_000), Settings("codex")));
    }

    [Fact]
    public void An_object_that_is_set_and_undone_is_what_it_was() =>
        Gen.Select(s_json, Gen.OneOf("claude-code", "zed")).Sample((before, id) =>
        {
            var text = Set(id, before);

            Assert.Equal(text, Set(id, text));
            Assert.Equal(before, Undo(id, text, before).Text);
            Assert.Equal(Notes(before), Notes(text));
            // with something else in it, every value is taken out by itself
            Assert.Equal(Words(before + "// note of mine"), Words(Undo(id, text + "\n// note of mine\n", before).Text!));
        });

    [Fact]
    public void A_note_in_a_block_of_helixs_own_stays_and_so_does_the_block() => s_json.Sample(before =>
    {
        var text = Set("zed", before).Replace("\"api_url\"", "/* note of mine */ \"api_url\"", StringComparison.Ordinal);

        var undone = Undo("zed", text, before);

        Assert.Equal(text, undone.Text);
        Assert.Equal(["language_models.openai_compatible.helix"], undone.Left.Select(left => left.ToString()));
    });

    [Fact]
    public void A_note_in_an_object_that_was_made_for_the_settings_stays()
    {
        var text = Set("claude-code", "").Replace("\"env\": {", "\"env\": { // note of mine", StringComparison.Ordinal);

        var undone = Undo("claude-code", text, null);

        Assert.Empty(undone.Left);
        Assert.Equal("{\"env\":{//noteofmine}}", Words(undone.Text!));
    }

    [Fact]
    public void What_was_put_back_already_is_no_change_of_somebody_else()
    {
        const string Before = "model = \"gpt\"\n";
        var undone = Undo("codex", Set("codex", Before) + "# more\n", Before);

        var again = Undo("codex", undone.Text!, Before);

        Assert.Equal(undone.Text, again.Text);
        Assert.Empty(again.Left);
    }

    [Theory]
    [InlineData("${input:chat.lm.secret.1}", true)]
    [InlineData("sk-1", true)]
    [InlineData("", true)]
    [InlineData("x\", \"more\": \"x", false)]
    public void An_element_whose_key_the_tool_put_elsewhere_is_helixs_still(string key, bool isOwn)
    {
        const string Before = "[\n  { \"name\": \"mine\" }\n]\n";
        var text = Set("vscode", Before).Replace(KeyText.Sample, key, StringComparison.Ordinal);

        var undone = Undo("vscode", text, Before);

        Assert.Equal(isOwn ? Before : text, undone.Text);
        Assert.Equal(isOwn, undone.Left.IsEmpty);
        // who sets it up again gets a key there
        Assert.Equal(Set("vscode", Before), Set("vscode", text));
    }

    [Fact]
    public void After_other_edits_an_object_keeps_every_value_and_every_comment() =>
        Gen.Select(s_json, Gen.OneOf("claude-code", "zed")).Sample((before, id) =>
        {
            var undone = Undo(id, Set(id, before) + "\n// note of mine\n", before);

            Assert.Empty(undone.Left);
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(before, null, s_loose), JsonNode.Parse(undone.Text!, null, s_loose)), undone.Text);
            Assert.Equal(Notes(before) + 1, Notes(undone.Text!));
        });

    [Fact]
    public void Toml_that_is_set_and_undone_is_what_it_was_and_other_edits_stay() => s_toml.Sample(before =>
    {
        var text = Set("codex", before);

        Assert.Equal(text, Set("codex", text));
        Assert.Equal(before, Undo("codex", text, before).Text);
        var more = text + "\n[mine]\nx = 1\n";
        var undone = Undo("codex", more, before);
        Assert.Empty(undone.Left);
        Assert.Equal(Lines(before + "\n[mine]\nx = 1\n"), Lines(undone.Text!));
    });

    [Fact]
    public void Any_text_is_edited_or_refused_and_nothing_throws() =>
        Gen.Select(s_anything, Gen.OneOf(s_tools)).Sample((text, id) =>
            SettingsEdit.Set(Format(id), text, Settings(id)) is not SettingsOutcome.Undone && SettingsEdit.Undo(Format(id), text, null, Settings(id)) is not SettingsOutcome.Edited);

    [Fact]
    public void A_byte_order_mark_stays_in_front()
    {
        var text = Set("codex", "\uFEFFa = 1\n");

        Assert.StartsWith("\uFEFFa = 1\nmodel = ", text, StringComparison.Ordinal);
        Assert.Equal("\uFEFFa = 2\n", Undo("codex", text.Replace("a = 1", "a = 2", StringComparison.Ordinal), "\uFEFFa = 1\n").Text);
    }

    private static ISettingsText Format(string id) => ConnectTools.Find(id)!.Format == SettingsFormat.Json ? new JsonSettings() : new TomlSettings();

    private static ImmutableArray<ToolSetting> Settings(string id) => ConnectTools.Find(id)!.Settings(s_values, false);

    private static string Set(string id, string text) => Assert.IsType<SettingsOutcome.Edited>(SettingsEdit.Set(Format(id), text, Settings(id))).Text;

    private static SettingsOutcome.Undone Undo(string id, string text, string? before) => Assert.IsType<SettingsOutcome.Undone>(SettingsEdit.Undo(Format(id), text, before, Settings(id)));

    private static int Notes(string text) => text.Split("note").Length - 1;

    private static string Words(string text) => string.Concat(text.Where(letter => !char.IsWhiteSpace(letter)));

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static Gen<string> Parts(Gen<string> value) =>
        from parts in Gen.Select(s_gap, value, s_gap).Array[0, 3]
        select string.Join(",", parts.Select(part => part.Item1 + part.Item2 + part.Item3));
}
