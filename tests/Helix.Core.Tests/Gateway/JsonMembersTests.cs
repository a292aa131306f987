using System.Text;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public sealed class JsonMembersTests
{
    [Theory]
    [InlineData(" { } ", "", true)]
    [InlineData("""{"a":1}""", "a=1", true)]
    [InlineData("""{ "a" : [1, {"b":2}] , "":"}" } x""", "a=[1, {\"b\":2}];=\"}\"", true)]
    [InlineData("""{"a":1,}""", "a=1", false)]
    [InlineData("""{,"a":1}""", "", false)]
    [InlineData("""{"a":1 "b":2}""", "a=1", false)]
    [InlineData("""{"a":1,"b":tru}""", "a=1", false)]
    [InlineData("""{"a":1,"b""", "a=1", false)]
    [InlineData("""{"a":1""", "a=1", false)]
    [InlineData("""{"a":1,"\u0062":2}""", "a=1", false)]
    [InlineData("""{"a":1,"é":2}""", "a=1", false)]
    [InlineData("[1]", "", false)]
    [InlineData("", "", false)]
    public void It_goes_from_member_to_member_and_stops_where_it_is_not_sure(string text, string told, bool isWhole)
    {
        var members = new JsonMembers(Encoding.UTF8.GetBytes(text), 8);
        var all = new List<string>();
        while (members.Next()) all.Add($"{Encoding.UTF8.GetString(members.Name)}={Encoding.UTF8.GetString(members.Value)}");

        Assert.Equal((told, isWhole), (string.Join(';', all), members.IsWhole));
    }

    [Fact]
    public void It_tells_where_values_lie_and_where_the_object_ends()
    {
        var members = new JsonMembers("""{"a": 12 } , """u8, 8);

        Assert.True(members.Next());
        Assert.Equal((6, 8), (members.Begin, members.End));
        Assert.False(members.Next());
        Assert.Equal(10, members.End);
    }

    [Fact]
    public void It_goes_as_deep_as_it_may_and_no_deeper()
    {
        var deep = """{"a":[[{}]]}"""u8;
        var enough = new JsonMembers(deep, 4);
        var less = new JsonMembers(deep, 3);

        Assert.True(enough.Next());
        Assert.False(less.Next());
    }
}
