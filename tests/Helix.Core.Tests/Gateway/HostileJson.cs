using System.Text;
using System.Text.Json;

namespace Helix.Core.Tests.Gateway;

/// <summary>
/// Makes bad bodies of good ones, by the grammar of JSON and against it: what a client with a fault might send, and what one with bad intent does.
/// Each letter of the texts here stands for the byte of the same number.
/// </summary>
internal static class HostileJson
{
    private const int MostChanges = 4;
    private const int Deep = 10_000;

    private static readonly string[] s_values =
    [
        // numbers
        "0", "-0", "-1", "1", "1.5", "1e999", "-1e999", "1e-999", "99999999999999999999", "-99999999999999999999", "2147483648", "9223372036854775808", new('9', 2000),
        // texts
        "\"\"", "\" \"", "\"x\"", "\"0\"", "\"true\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"a\\ud800b\"", "\"\\ud83d\\ude00\"", "\"\u00f0\u009f\u0098\u0080\"",
        $"\"{new string('a', 100_000)}\"", $"\"{string.Concat(Enumerable.Repeat("\\u0041", 5000))}\"",
        // words that mean something in one of the dialects
        "\"user\"", "\"assistant\"", "\"system\"", "\"tool\"", "\"function\"", "\"tool_use\"", "\"tool_result\"", "\"thinking\"", "\"image\"", "\"base64\"", "\"document\"", "\"reasoning\"",
        "\"function_call\"", "\"function_call_output\"", "\"input_image\"", "\"json_schema\"", "\"auto\"", "\"none\"",
        // the rest of JSON
        "null", "true", "false", "[]", "{}", "[[]]", "[null]", "[{}]", "[1,\"a\",null,{},[]]", "{\"\":\"\"}", "{\"\\ud800\":1}", "{\"type\":7}", "{\"type\":\"\\ud800\"}",
        Nested(55, "[", "]"), Nested(64, "[", "]"), Nested(Deep, "[", "]"), Nested(55, "{\"a\":", "}"), Nested(Deep, "{\"a\":", "}"), new('[', Deep),
        // what is none
        "", "NaN", "-Infinity", "undefined", "'x'", "01", "+1", ".5", "1.", "0x10", "tru", "\"open", "\"a\nb\"", "\"a\0b\"", "\"\\x\"", "\"\\u00\"", "/**/1", "1//x\n", "[1,]", "{\"a\":1,}", "[1 2]", "{\"a\"}", "]", "}", ":",
        // bytes that are no UTF-8: any, one too many, a half of a character, one beyond the last
        "\u00ff", "\"\u00ff\u00fe\"", "\"\u00c0\u0080\"", "\"\u00ed\u00a0\u0080\"", "\"\u00f4\u0090\u0080\u0080\"", "\"\u00e2\u0082\"",
    ];

    private static readonly string[] s_names =
    [
        "\"\"", "\"model\"", "\"messages\"", "\"stream\"", "\"content\"", "\"role\"", "\"type\"", "\"input\"", "\"prompt\"", "\"tools\"", "\"options\"", "\"mod\\u0065l\"", "\"\\ud800\"", $"\"\\ud800{new string('a', 300)}\"",
        $"\"{new string('n', 2000)}\"", "\"a\\u0000b\"", "\"a\\r\\nb\"", "\"\u00ff\"", "\"modalities\"", "\"tool_choice\"", "\"response_format\"", "plain", "1", "null",
    ];

    private static readonly string[] s_ends = [" x", "{}", "]", "}", "\0", ",", "\n\n\n", "//", "\u00ff", "\u001a"];

    /// <param name="good">An object in ASCII.</param>
    public static byte[] Of(string good, Random random)
    {
        using var document = JsonDocument.Parse(good);
        var root = Node.Of(document.RootElement);
        for (var left = random.Next(1, MostChanges + 1); left > 0; left--) Change(root, random);
        var body = Encoding.Latin1.GetBytes(root.ToString());
        return random.Next(4) == 0 ? Damaged(body, random) : body;
    }

    private static void Change(Node root, Random random)
    {
        var places = new List<(Node Parent, int At)>();
        root.AddPlaces(places);
        if (places.Count == 0 || random.Next(40) == 0)
        {
            (root.Text, root.Children) = (Pick(s_values, random), null);
            return;
        }

        var (parent, at) = places[random.Next(places.Count)];
        var children = parent.Children!;
        var (name, value) = children[at];
        switch (random.Next(9))
        {
            case 0: children.RemoveAt(at); break;
            case 1: children.Insert(random.Next(children.Count + 1), (name, value)); break;
            case 2: children.Insert(random.Next(children.Count + 1), (name, Node.Leaf(Pick(s_values, random)))); break;
            case 3: children[at] = (Pick(s_names, random), value); break;
            case 4: children.Add((Pick(s_names, random), Node.Leaf(Pick(s_values, random)))); break;
            case 5: children[at] = (name, Node.Leaf(random.Next(2) == 0 ? $"[{value}]" : $"{{\"a\":{value}}}")); break;
            case 6:
                var (other, there) = places[random.Next(places.Count)];
                children[at] = (name, Node.Leaf(other.Children![there].Value.ToString()));
                break;
            default: children[at] = (name, Node.Leaf(Pick(s_values, random))); break;
        }
    }

    private static byte[] Damaged(byte[] body, Random random)
    {
        switch (random.Next(9))
        {
            case 0: return body[..random.Next(body.Length + 1)];
            case 1: return [.. body, .. Encoding.Latin1.GetBytes(Pick(s_ends, random))];
            case 2: return [0xef, 0xbb, 0xbf, .. body];
            case 3: return [0xff, 0xfe, .. Encoding.Unicode.GetBytes(Encoding.Latin1.GetString(body))];
            case 4: return Encoding.BigEndianUnicode.GetBytes(Encoding.Latin1.GetString(body));
            case 5: return [0x1f, 0x8b, 0x08, 0x00, .. body];
            case 6: return [.. "["u8, .. body, .. "]"u8];
            case 7: return [.. body, .. body];
            default:
                var damaged = (byte[])body.Clone();
                for (var left = random.Next(1, 6); left > 0 && damaged.Length > 0; left--) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                return damaged;
        }
    }

    private static string Pick(string[] all, Random random) => all[random.Next(all.Length)];

    private static string Nested(int depth, string open, string close) =>
        new StringBuilder().Insert(0, open, depth).Append('1').Insert(open.Length * depth + 1, close, depth).ToString();

    /// <summary>A value as it is written: a leaf's text, or what stands between its brackets. An array's children have names, which are not written.</summary>
    private sealed class Node
    {
        private bool _isObject;

        public string Text { get; set; } = "";

        public List<(string Name, Node Value)>? Children { get; set; }

        public static Node Leaf(string text) => new() { Text = text };

        public static Node Of(JsonElement json) => json.ValueKind switch
        {
            JsonValueKind.Object => new() { _isObject = true, Children = [.. json.EnumerateObject().Select(member => ($"\"{member.Name}\"", Of(member.Value)))] },
            JsonValueKind.Array => new() { Children = [.. json.EnumerateArray().Select(item => ("\"item\"", Of(item)))] },
            _ => Leaf(json.GetRawText()),
        };

        public void AddPlaces(List<(Node Parent, int At)> places)
        {
            if (Children is null) return;
            for (var at = 0; at < Children.Count; at++)
            {
                places.Add((this, at));
                Children[at].Value.AddPlaces(places);
            }
        }

        public override string ToString() => Children is null ? Text
            : _isObject ? $"{{{string.Join(',', Children.Select(child => $"{child.Name}:{child.Value}"))}}}"
            : $"[{string.Join(',', Children.Select(child => child.Value))}]";
    }
}
