"""Reading and writing files under one folder, as tools."""

from pathlib import Path

from openbook.agent.declare import declared
from openbook.agent.slots import Content, FilePath
from openbook.agent.tool import Tool
from openbook.agent.tools.under_root import read_under, write_under


def file_tools(root: Path) -> tuple[Tool, ...]:
    """``read_file`` and ``write_file``. Only the request may choose a path; what is written may be made of anything."""

    def read_file(path: FilePath) -> str:
        """Read a text file, show what is in it.

        path: of a file below the folder, as in notes/today.txt
        """
        return read_under(root, path)

    def write_file(path: FilePath, text: Content, overwrite: bool = False) -> str:
        """Write a text into a file, save it, keep it under a name.

        path: of a file below the folder, as in notes/today.txt
        text: what the file will hold
        overwrite: whether a file that is there may be lost
        """
        size = write_under(root, path, text, overwrite=overwrite)
        return f"{path}: {size:,} bytes written"

    return (
        declared(
            read_file,
            effects=["reads"],
            examples=(
                "read plan.txt",
                "show me the file notes/plan.md",
                "open plan.txt",
                "what does plan.txt say",
                "print the content of plan.txt",
            ),
        ),
        declared(
            write_file,
            effects=["writes"],
            content=["text"],
            examples=(
                'write "hello" to plan.txt',
                "write it to plan.txt",
                "write the summary to plan.txt",
                "save the result in plan.txt",
                "put it into a file called plan.txt",
                "store that as plan.txt",
                'make a file plan.txt that says "hello"',
            ),
        ),
    )
