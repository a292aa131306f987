using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Helix.Core.Connect;

/// <summary>One value in the settings of a tool.</summary>
/// <param name="Path">The keys on the way to it; <see cref="Item"/> stands for the element of a list that has the same <c>name</c> as the value.</param>
internal sealed record ToolSetting(ImmutableArray<string> Path, JsonNode Value)
{
    public const string Item = "[]";

    /// <summary>By which an element of a list is found.</summary>
    public string? Name => (Value as JsonObject)?["name"]?.GetValue<string>();

    public override string ToString() => string.Join('.', Path.Select(part => part == Item ? Name : part));
}
