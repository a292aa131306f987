using System.Collections.Immutable;
using CsCheck;
using Helix.Configuration;
using Helix.Connect;
using Helix.Core.Connect;

namespace Helix.Tests.Connect;

/// <summary>What is set in the files of the tools that keep YAML, and what is left of it afterwards.</summary>
public sealed class YamlSettingsTests
{
    private static readonly ToolValues s_values = new("http://127.0.0.1:4359", KeyText.Sample, "auto", 8192);

    private static readonly string[] s_blocks =
    [
        "model: gpt-4o # note\n", "openai-api-base:\n", "'dark-mode': true\n", "read:\n  - a.md # note\n  - b.md\n", "text: |\n  model: none\n", "# note\n", "map: {a: 1, b: [2]}\n",
        "models:\n  # note\n  - name: mine\n    provider: openai\n    roles:\n      - chat\n", "rules:\n- be kind\n",
    ];

    private static readonly Gen<string> s_yaml =
        from head in Gen.OneOf("", "# note\n", "---\n", "\n")
        from blocks in Gen.Shuffle(s_blocks, 0, s_blocks.Length)
        from windows in Gen.Bool
        from cut in Gen.Bool
        let text = head + string.Concat(blocks)
        let whole = cut ? text.TrimEnd('\n') : text
        select windows ? whole.Replace("\n", "\r\n", StringComparison.Ordinal) : whole;

    [Theory]
    [InlineData("aider", """
        model: openai/auto
        openai-api-base: "http://127.0.0.1:4359/v1"
        openai-api-key: hx_…

        """)]
    [InlineData("continue", """
        name: Local
        version: "1.0.0"
        schema: v1
        models:
          - name: helix
            provider: openai
            model: auto
            apiBase: "http://127.0.0.1:4359/v1"
            apiKey: hx_…
            roles: [chat, edit, apply]

        """)]
    public void A_new_file_has_all_that_the_tool_needs_and_goes_again(string id, string expected)
    {
        var settings = ConnectTools.Find(id)!.Settings(s_values, true);
        var text = Assert.IsType<SettingsOutcome.Edited>(SettingsEdit.Set(new YamlSettings(), "", settings)).Text;

        Assert.Equal(expected, KeyText.Mask(text));
        Assert.Null(Assert.IsType<SettingsOutcome.Undone>(SettingsEdit.Undo(new YamlSettings(), text, null, settings)).Text);
    }

    [Fact]
    public void The_models_that_are_there_stay_and_come_after()
    {
        const string Before = "name: Mine # note\nmodels:\n    # the best\n    - name: mine\n      provider: ollama\nrules: []\n";

        var text = Set("continue", Before);

        Assert.StartsWith("name: Mine # note\nmodels:\n    - name: helix\n      provider: openai\n", text, StringComparison.Ordinal);
        Assert.EndsWith("      roles: [chat, edit, apply]\n    # the best\n    - name: mine\n      provider: ollama\nrules: []\n", text, StringComparison.Ordinal);
        Assert.Equal(Before, Undo("continue", text, Before).Text);
        Assert.Equal(Before + "# more\n", Undo("continue", text + "# more\n", Before).Text);
    }

    [Fact]
    public void A_list_that_was_made_for_the_item_goes_with_it()
    {
        const string Before = "name: Mine\n";

        Assert.Equal(Before + "rules: []\n", Undo("continue", Set("continue", Before) + "rules: []\n", Before).Text);
    }

    [Fact]
    public void A_value_that_somebody_changed_since_stays_and_is_named()
    {
        const string Before = "model: 'gpt-4o' # mine\n";
        var text = Set("aider", Before);

        var undone = Undo("aider", text.Replace("openai-api-base: ", "openai-api-base: 'http://x' # ", StringComparison.Ordinal), Before);

        Assert.StartsWith("model: 'gpt-4o' # mine\nopenai-api-base: 'http://x' # ", undone.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("openai-api-key", undone.Text, StringComparison.Ordinal);
        Assert.Equal(["openai-api-base"], undone.Left.Select(left => left.ToString()));
    }

    [Theory]
    [InlineData("aider", "model: [a\n", "not valid YAML")]
    [InlineData("aider", "- a\n- b\n", "keys")]
    [InlineData("aider", "{model: x}\n", "keys")]
    [InlineData("aider", "model: &m x\n", "anchor")]
    [InlineData("aider", "model: |\n  x\n", "several lines")]
    [InlineData("aider", "a: 1\n---\nb: 2\n", "second document")]
    [InlineData("continue", "models: [{name: a}]\n", "no list")]
    [InlineData("continue", "models: none\n", "no list")]
    [InlineData("continue", "models:\n  -\n    name: a\n", "dash")]
    public void What_cannot_be_read_or_edited_is_refused_with_a_reason(string id, string text, string word) =>
        Assert.Contains(word, Assert.IsType<SettingsOutcome.Refused>(SettingsEdit.Set(new YamlSettings(), text, Settings(id))).Why, StringComparison.Ordinal);

    [Fact]
    public void What_is_set_and_undone_is_what_it_was_and_other_edits_stay() =>
        Gen.Select(s_yaml, Gen.OneOf("aider", "continue")).Sample((before, id) =>
        {
            var text = Set(id, before);

            Assert.Equal(text, Set(id, text));
            Assert.Equal(before, Undo(id, text, before).Text);
            Assert.Equal(Notes(before), Notes(text));

            var undone = Undo(id, text + "\n# note of mine\nmore: 1\n", before);
            Assert.Empty(undone.Left);
            Assert.Equal(Notes(before) + 1, Notes(undone.Text!));
            Assert.Equal(Values(before + "\nmore: 1\n"), Values(undone.Text!));
            Assert.Equal(Lines(before + "\n# note of mine\nmore: 1\n"), Lines(undone.Text!));
        });

    [Theory]
    [InlineData("openai-api-base:\n")]
    [InlineData("openai-api-base: \n")]
    [InlineData("openai-api-base:  # mine\n")]
    public void A_key_without_a_value_is_without_one_again(string before) =>
        Assert.Equal(before + "more: 1\n", Undo("aider", Set("aider", before) + "more: 1\n", before).Text);

    private static ImmutableArray<ToolSetting> Settings(string id) => ConnectTools.Find(id)!.Settings(s_values, false);

    private static string Set(string id, string text) => SettingsEdit.Set(new YamlSettings(), text, Settings(id)) switch
    {
        SettingsOutcome.Edited(var edited) => edited,
        SettingsOutcome.Refused(var why) => throw new InvalidOperationException($"{why}\n{text}"),
        _ => throw new InvalidOperationException(),
    };

    private static SettingsOutcome.Undone Undo(string id, string text, string? before) => Assert.IsType<SettingsOutcome.Undone>(SettingsEdit.Undo(new YamlSettings(), text, before, Settings(id)));

    private static int Notes(string text) => text.Split("# note").Length - 1;

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static string Values(string text) => YamlDocument.Of(text).Values.ToJsonString();
}
