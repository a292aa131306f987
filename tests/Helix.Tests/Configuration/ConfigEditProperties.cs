using CsCheck;
using Helix.Configuration;
using Helix.Core.Configuration;

namespace Helix.Tests.Configuration;

/// <summary>Random documents, written in every style a person might use, and random edits of them.</summary>
public sealed class ConfigEditProperties
{
    private static readonly Gen<(Setting Setting, string Value)> s_wish =
        Gen.OneOf(SettingsTable.All.ToArray()).SelectMany(setting => Value(setting).Select(value => (setting, value)));

    private static readonly Gen<string> s_comment = Gen.OneOf("", "", "  # why", " # \"quoted\": {x}", "\t# tab");

    private static readonly Gen<string> s_document =
        from sections in Gen.Shuffle(SettingsTable.Sections.ToArray(), 0, SettingsTable.Sections.Length)
        from blocks in SequenceOf(sections.Select(Section))
        from head in Gen.OneOf("", "# head\n", "---\n", "\n\n", "# a\n---\n# b\n")
        from windows in Gen.Bool
        from cut in Gen.Bool
        select Finish(head + string.Concat(blocks), windows, cut);

    [Fact]
    public void A_set_changes_one_value_and_keeps_every_comment_and_every_other_line() =>
        Gen.Select(s_document, s_wish).Sample((text, wish) =>
        {
            var before = Good(text);
            var edited = Edited(ConfigEdit.Set(text, wish.Setting.Path, wish.Value));
            var after = Good(edited.Text);

            Assert.Equal(wish.Setting.Kind.FromText(wish.Value)!.ToJsonString(), after.Document.At(wish.Setting.Path)!.ToJsonString());
            Assert.All(ConfigChanges.Between(before.Config, after.Config), changed => Assert.Equal(wish.Setting, changed));
            Assert.Equal(Comments(text), Comments(edited.Text));
            Assert.Equal(text.Contains("\r\n", StringComparison.Ordinal), edited.Text.Contains("\r\n", StringComparison.Ordinal) && text.Contains('\n', StringComparison.Ordinal));
        }, iter: 1_500);

    [Fact]
    public void An_unset_after_a_set_leaves_the_default_and_everything_else_as_it_was() =>
        Gen.Select(s_document, s_wish).Sample((text, wish) =>
        {
            var before = Good(text);
            var set = Edited(ConfigEdit.Set(text, wish.Setting.Path, wish.Value));
            var unset = Edited(ConfigEdit.Unset(set.Text, wish.Setting.Path));
            var after = Good(unset.Text);

            Assert.Null(after.Document.At(wish.Setting.Path));
            Assert.All(ConfigChanges.Between(before.Config, after.Config), changed => Assert.Equal(wish.Setting, changed));
            var left = Comments(unset.Text).ToList();
            Assert.All(YamlComment.AllOf(text).Where(comment => comment.OwnLine), comment => Assert.True(left.Remove(comment.Text), comment.Text));
        }, iter: 1_500);

    [Fact]
    public void To_set_what_holds_already_changes_no_byte() =>
        Gen.Select(s_document, s_wish).Sample((text, wish) =>
        {
            var once = Edited(ConfigEdit.Set(text, wish.Setting.Path, wish.Value));
            var twice = Edited(ConfigEdit.Set(once.Text, wish.Setting.Path, wish.Value));

            Assert.Equal(once.Text, twice.Text);
        }, iter: 500);

    private static ConfigOutcome.Good Good(string text) => ConfigText.Parse(text) switch
    {
        ConfigOutcome.Good good => good,
        ConfigOutcome.Bad(var errors) => throw new InvalidOperationException(string.Join('\n', errors) + "\n" + text),
        _ => throw new InvalidOperationException(),
    };

    private static EditOutcome.Edited Edited(EditOutcome outcome) => outcome switch
    {
        EditOutcome.Edited edited => edited,
        EditOutcome.Refused(var errors) => throw new InvalidOperationException(string.Join('\n', errors)),
        _ => throw new InvalidOperationException(),
    };

    private static IEnumerable<string> Comments(string text) =>
        YamlComment.AllOf(text).Select(comment => comment.Text).Order(StringComparer.Ordinal);

    private static string Finish(string text, bool windows, bool cut)
    {
        var whole = cut ? text.TrimEnd('\n') : text;
        return windows ? whole.Replace("\n", "\r\n", StringComparison.Ordinal) : whole;
    }

    private static Gen<string> Section(string name)
    {
        var settings = SettingsTable.All.Where(setting => setting.Section == name).ToArray();
        var block =
            from keys in Gen.Shuffle(settings, 1, settings.Length)
            from indent in Gen.OneOf("  ", "    ", " ")
            from lines in SequenceOf(keys.Select(setting => Line(setting, indent)))
            from comment in s_comment
            from gap in Gen.OneOf("", "\n", "# between\n", "  # indented\n\n")
            select $"{name}:{comment}\n{string.Concat(lines)}{gap}";
        var flow =
            from keys in Gen.Shuffle(settings, 0, settings.Length)
            from pairs in SequenceOf(keys.Select(setting => Value(setting).Select(value => $"{setting.Key}: {Written(setting, value)}")))
            from comment in s_comment
            from separator in Gen.OneOf(", ", ",\n  ", ", # inside\n  ")
            select $"{name}: {{{string.Join(separator, pairs)}}}{comment}\n";
        var nothing = from comment in s_comment from value in Gen.OneOf("", " ~", " null") select $"{name}:{value}{comment}\n";
        var commented = Gen.Const($"{name}:\n{string.Concat(settings.Select(setting => $"  # {setting.Key}: 1\n"))}");
        return Gen.Frequency((5, block), (2, flow), (1, nothing), (1, commented));
    }

    private static Gen<string> Line(Setting setting, string indent) =>
        from value in Value(setting)
        from comment in s_comment
        from own in Gen.OneOf("", "", $"{indent}# own line\n", "\n", "# at the margin\n")
        from style in Gen.Int[0, 4]
        select own + indent + (style, setting.Kind) switch
        {
            (0, SettingKind.List) when value.Length > 0 => $"{setting.Key}:{comment}\n{string.Concat(value.Split(',').Select(item => $"{indent}  - {item} # item\n"))}",
            (1, SettingKind.List) when value.Length > 0 => $"{setting.Key}:\n{string.Concat(value.Split(',').Select(item => $"{indent}- \"{item}\"\n{indent}# after\n"))}",
            (0, SettingKind.Choice or SettingKind.Text) => $"{setting.Key}: |-\n{indent}  {value}\n",
            (1, SettingKind.Choice or SettingKind.Text) => $"{setting.Key}: >-\n{indent}    {value}\n\n",
            (2, SettingKind.Choice or SettingKind.Text) => $"'{setting.Key}' :   '{value.Replace("'", "''", StringComparison.Ordinal)}'{comment}\n",
            (3, SettingKind.Choice or SettingKind.Text) => $"\"{setting.Key}\": \"{value.Replace("\\", "\\\\", StringComparison.Ordinal)}\"{comment}\n",
            (4, SettingKind.List or SettingKind.Numbers or SettingKind.Texts) => $"{setting.Key}:\n{indent}   {Written(setting, value)}{comment}\n",
            (0, SettingKind.Numbers) when value.Length > 2 => $"{setting.Key}:{comment}\n{indent}  {value.Trim('{', '}').Replace("\"", "", StringComparison.Ordinal).Replace(", ", $" # n\n{indent}  ", StringComparison.Ordinal)}\n",
            _ => $"{setting.Key}: {Written(setting, value)}{comment}\n",
        };

    private static string Written(Setting setting, string value) => setting.Kind is SettingKind.List ? $"[{value}]" : setting.Kind is SettingKind.Text ? $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal)}\"" : value;

    private static Gen<string> Value(Setting setting) => setting.Kind switch
    {
        SettingKind.Toggle => Gen.OneOf("true", "false"),
        SettingKind.Whole(var min, var max, _) => Gen.Int[min, max].Select(number => $"{number}"),
        SettingKind.Amount { Max: 1m } => Gen.OneOf("0.8", "0.97", "1"),
        SettingKind.Amount => Gen.OneOf("0", "3", "0.5", "12.25"),
        SettingKind.Choice(var values) => Gen.OneOf(values.ToArray()),
        SettingKind.List { What: "ADDRESS=MIRROR" } => Gen.OneOf("", "https://a.example/=https://b.example/"),
        SettingKind.List { What: "MODEL=ID/MODEL" } => Gen.OneOf("", "auto=openai/gpt-4o", "tiny=a/b,big=a/c"),
        SettingKind.List { What: "ID/MODEL=IN/OUT" } => Gen.OneOf("", "openai/gpt-4o=2.5/10", "a/b=0/0,c/*=1/2"),
        SettingKind.List { What: var times } when times.StartsWith("times like", StringComparison.Ordinal) => Gen.OneOf("", "02:00-05:00", "sat+sun 02:00-05:00,mon-fri 22:00-06:00"),
        SettingKind.List { What: "licences" } => Gen.OneOf("", "unknown", "Apache-2.0,MIT", "llama3.1,unknown"),
        SettingKind.List => Gen.OneOf("", "vllm", "vllm,localai", "mlx,jan,gpt4all,textgen"),
        SettingKind.Texts { What: var times } when times.StartsWith("severities", StringComparison.Ordinal) => Gen.OneOf("{}", "{\"info\": \"22:00-07:00\"}", "{\"info\": \"20:00-08:00\", \"warning\": \"22:00-07:00\"}"),
        SettingKind.Texts => Gen.OneOf("{}", "{\"fast\": \"a\"}", "{\"gpt-4o\": \"big 9 | other 1, small\", \"x\": \"b, c\"}"),
        SettingKind.Numbers => Gen.OneOf("{}", "{\"throughput\": 0.5}", "{\"response_time\": 0.25, \"throughput\": 3}"),
        _ when setting.Key == "listen" => Gen.OneOf("0.0.0.0", "::1", "10.0.0.7"),
        _ when setting.Key is "override" or "key_file" or "helix_key" or "second_place" or "advisories_key" or "cache_redis_password" => Gen.OneOf("/etc/machine.yaml", "/my files/it's # one\\.json"),
        _ when setting.Key is "model" or "semantic_cache_model" => Gen.OneOf("tiny-model", "yes", "12", "it's", "a:b", "#1", "ünïcode\\"),
        _ when setting.Key == "cache_redis" => Gen.OneOf("127.0.0.1:6379", "redis.example:6380"),
        _ when setting.Key == "window" => Gen.OneOf("02:00-05:00", "22:30-01:00"),
        _ => Gen.OneOf("https://mirror.example/a", "http://127.0.0.1:8080"),
    };

    private static Gen<string[]> SequenceOf(IEnumerable<Gen<string>> parts) =>
        parts.Aggregate(Gen.Const(Array.Empty<string>()), (all, next) => from before in all from one in next select (string[])[.. before, one]);
}
