using CsCheck;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public sealed class SaidMarksTests
{
    private static readonly Gen<string> s_text = Gen.OneOf(
        Gen.String, Gen.OneOf("a", "B c", "don't", "\"x\"", "``y``", "'", "„z“", "5'10", "src/a.cs", "1,000", "\n- A", "🐶", "I'm", "不").Array[0, 6].Select(parts => string.Join(' ', parts)));

    [Theory]
    [InlineData("How do I change my password?", "What is the way to change my password?")]
    [InlineData("What is the capital of France?", "Please tell me France's capital")]
    [InlineData("Don't delete it", "Do not delete it")]
    [InlineData("We cannot log in", "We can't log in")]
    [InlineData("Set it to 1,000 please.", "Please set it to 1,000")]
    [InlineData("How long is the file \"a b.txt\"?", "Tell me: \"a b.txt\", how long is it?")]
    [InlineData("Was ist mit Hamburg?", "Hamburg, was ist damit?")]
    [InlineData("What does `ls` do?", "Explain `ls`.\n- What does it do?")]
    [InlineData("How do I change my password?", "I forgot it. How do I change my password?")]
    [InlineData("Which trains go from Berlin to Paris?", "Show me trains from Berlin to Paris")]
    [InlineData("How many minutes does it take?", "Tell me how many minutes that takes")]
    [InlineData("我怎么改密码", "怎么修改密码")]
    public void What_may_mean_the_same_agrees(string one, string other) => Assert.True(Agree(one, other));

    [Theory]
    [InlineData("Convert 5 miles to km", "Convert 6 miles to km")]
    [InlineData("Convert 12 miles to km", "Convert 1 2 miles to km")]
    [InlineData("What is 5 - 3?", "What is 3 - 5?")]
    [InlineData("What is 5 + 3?", "What is 5 - 3?")]
    [InlineData("Is it -5 degrees?", "Is it 5 degrees?")]
    [InlineData("10 $ in words", "10 € in words")]
    [InlineData("Who is \"anna\"?", "Who is \"otto\"?")]
    [InlineData("Who is 'anna'?", "Who is 'otto'?")]
    [InlineData("Who is „anna“?", "Who is „otto“?")]
    [InlineData("Explain ```a = b``` now", "Explain ```b = a``` now")]
    [InlineData("Can I eat it?", "Can't I eat it?")]
    [InlineData("how do i enable it", "how do i disable it")]
    [InlineData("the first of three", "the first of five")]
    [InlineData("Is it hot there?", "Is it cold there?")]
    [InlineData("Ist das erlaubt?", "Ist das nicht erlaubt?")]
    [InlineData("C'est permis ?", "Ce n'est pas permis ?")]
    [InlineData("What is the capital of France?", "What is the capital of Spain?")]
    [InlineData("Berlin weather", "Paris weather")]
    [InlineData("open src/a.cs", "open src/b.cs")]
    [InlineData("run make_all", "run make_one")]
    [InlineData("is gpt4 fast", "is gpt3 fast")]
    [InlineData("tell us of iOS", "tell us of macOS")]
    [InlineData("translate 🐶", "translate 🐱")]
    [InlineData("这是对的", "这是不对的")]
    [InlineData("这是红的", "这是蓝的")]
    [InlineData("how do i install python on linux", "how can i install java on linux")]
    [InlineData("capital of france please", "please: capital of spain")]
    [InlineData("Explain recursion to me", "Explain iteration to me")]
    [InlineData("Which trains go from Berlin to Paris?", "Show me trains from Paris to Berlin")]
    [InlineData("does alice owe bob", "does bob owe alice")]
    [InlineData("how to get from home to work quickly", "quickly get to home from work, how")]
    [InlineData("convert five dollars to euros", "convert five euros to dollars")]
    [InlineData("What does it cost in euros?", "What would it cost in dollars?")]
    [InlineData("How many minutes does it take?", "Tell me how many hours that takes")]
    [InlineData("When does the shop do that?", "Where does the shop do that?")]
    [InlineData("How do I log in?", "How do I log out?")]
    [InlineData("What is my name?", "What is your name?")]
    [InlineData("Wie geht das mit Linux?", "How does that work with Linux?")]
    [InlineData("Comment dire Linux en anglais", "How is Linux said in English")]
    [InlineData("Как это сделать", "How is that done")]
    [InlineData("Можно это есть", "Нельзя это есть")]
    public void What_says_something_else_does_not(string one, string other) => Assert.False(Agree(one, other));

    [Fact]
    public void Any_text_agrees_with_itself_and_two_agree_both_ways() =>
        Gen.Select(s_text, s_text).Sample((one, other) => Agree(one, one) && Agree(one, other) == Agree(other, one));

    [Fact]
    public void Another_number_anywhere_is_noticed() =>
        Gen.Select(s_text, s_text, Gen.Int[0, 10_000], Gen.Int[0, 10_000]).Sample((before, after, one, other) => Agree($"{before} {one} {after}", $"{before} {other} {after}") == (one == other));

    private static bool Agree(string one, string other) => SaidMarks.Of(one).Agree(SaidMarks.Of(other));
}
